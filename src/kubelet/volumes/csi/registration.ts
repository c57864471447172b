import { watch } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../util/clock.ts";
import { withDeadline } from "../../../util/deadline.ts";
import { GrpcChannel } from "../../../util/grpc/channel.ts";
import type { Logger } from "../../../util/logger.ts";
import type { CsiNodes } from "./csiNodes.ts";
import { CsiDriver } from "./driver.ts";
import { type PluginInfo, REGISTRATION } from "./messages.ts";

/** Where a plug-in is looked for even when nothing tells of it; one that failed is tried again. */
const LOOK_EVERY = 10_000;
const LONGEST_CALL = 10_000;
const CSI = "CSIPlugin";
/** What this kubelet speaks is csi.v1. */
const isSpoken = (version: string): boolean => /^v?1\./.test(version);

export interface DriverRegistryOptions {
  clock: Clock;
  logger: Logger;
  /** drivers put a socket here to be known */
  directory: string;
  nodes: CsiNodes;
  /** a path that a driver names, as this machine has it */
  onMachine(path: string): string;
  /** the other way: what a driver that named `endpoint` calls a path of this machine */
  seenBy(endpoint: string): (path: string) => string;
  /** a driver has come or gone */
  changed(): void;
}

interface Known {
  /** of the socket: a driver that was started anew has another */
  inode: number;
  driver: CsiDriver;
}

/** The CSI drivers of this node: each makes itself known by a socket in one folder, and is forgotten with it. */
export class DriverRegistry {
  readonly #options: DriverRegistryOptions;
  /** by the socket's name in the folder */
  readonly #known = new Map<string, Known>();
  #looking: Promise<void> = Promise.resolve();

  constructor(options: DriverRegistryOptions) {
    this.#options = options;
  }

  get(name: string): CsiDriver | undefined {
    for (const { driver } of this.#known.values()) if (driver.name === name) return driver;
    return undefined;
  }
  /** Throws in the words that events use. */
  need(name: string): CsiDriver {
    const driver = this.get(name);
    if (!driver) throw new Error(`driver name ${name} not found in the list of registered CSI drivers`);
    return driver;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, directory } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o750 });
    const watcher = watch(directory, { signal }, () => void this.look());
    watcher.on("error", () => {}); // what it would have told is found by looking
    while (!signal.aborted) {
      await this.look();
      await clock.pause(LOOK_EVERY, signal);
    }
    await this.#looking;
    for (const { driver } of this.#known.values()) driver.close();
  }

  /** Takes in what is in the folder now. */
  look(): Promise<void> {
    const next = this.#looking
      .then(() => this.#look())
      .catch((error) => {
        this.#options.logger.warn("plug-ins could not be looked for", { error });
      });
    this.#looking = next;
    return next;
  }

  async #look(): Promise<void> {
    const found = await this.#sockets();
    for (const [name, { driver, inode }] of this.#known) {
      if (found.get(name) === inode) continue;
      this.#known.delete(name);
      driver.close();
      // one that comes back at once is declared anew below
      if (!found.has(name)) await this.#options.nodes.withdraw(driver.name);
      this.#options.changed();
    }
    for (const [name, inode] of found) {
      if (!this.#known.has(name)) await this.#register(name, inode);
    }
  }

  async #sockets(): Promise<Map<string, number>> {
    const { directory } = this.#options;
    const sockets = new Map<string, number>();
    for (const name of await readdir(directory)) {
      const it = await stat(join(directory, name)).catch(() => undefined); // gone
      if (it?.isSocket() && !name.startsWith(".")) sockets.set(name, it.ino);
    }
    return sockets;
  }

  async #register(name: string, inode: number): Promise<void> {
    const { clock, logger, directory } = this.#options;
    const channel = new GrpcChannel(join(directory, name));
    const error = () => new Error("the plug-in does not answer");
    const timely = <T>(work: (signal?: AbortSignal) => Promise<T>) =>
      withDeadline({ clock, after: LONGEST_CALL, error }, work);
    const tell = (pluginRegistered: boolean, why = "") =>
      timely((signal) =>
        channel.call(REGISTRATION.notifyRegistrationStatus, { pluginRegistered, error: why }, { signal }),
      );
    try {
      const info = await timely((signal) => channel.call(REGISTRATION.getInfo, {}, { signal }));
      try {
        const driver = await this.#introduce(info);
        this.#known.set(name, { inode, driver });
      } catch (cause) {
        await tell(false, (cause as Error).message);
        throw cause;
      }
      await tell(true);
      logger.info("CSI driver registered", { driver: info.name });
      this.#options.changed();
    } catch (cause) {
      logger.warn("plug-in not registered", { socket: name, error: cause });
    } finally {
      channel.close();
    }
  }

  async #introduce({ type, name, endpoint, supportedVersions }: PluginInfo): Promise<CsiDriver> {
    const { clock, nodes, onMachine, seenBy } = this.#options;
    if (type !== CSI) throw new Error(`no handler registered for plugin type: ${type}`);
    if (!supportedVersions.some(isSpoken)) {
      const versions = supportedVersions.join(",");
      throw new Error(`none of the versions specified "${versions}" are supported by this kubelet`);
    }
    if (endpoint === "") throw new Error("the plug-in names no endpoint");
    this.get(name)?.close();
    const driver = new CsiDriver({ name, clock, socket: onMachine(endpoint), seenByDriver: seenBy(endpoint) });
    try {
      await nodes.declare(name, await driver.info());
    } catch (error) {
      driver.close();
      throw error;
    }
    return driver;
  }
}
