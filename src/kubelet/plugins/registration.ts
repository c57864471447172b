import { watch } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../util/clock.ts";
import { withDeadline } from "../../util/deadline.ts";
import { GrpcChannel } from "../../util/grpc/channel.ts";
import type { Logger } from "../../util/logger.ts";
import { type PluginInfo, REGISTRATION } from "./messages.ts";

/** Plug-ins are looked for even when nothing tells of them; one that failed is tried again. */
const LOOK_EVERY = 10_000;
const LONGEST_CALL = 10_000;

/** A plug-in that is in use. */
export interface RegisteredPlugin {
  /** Its socket is another, or gone: nothing more is asked of it by this one. */
  close(): void;
  /** Its socket is gone: what the API says of it is taken back. */
  withdraw(): Promise<void>;
}

/** Who takes plug-ins of one type in. */
export interface PluginHandler {
  /** Throws to refuse it, in words that the plug-in is told. */
  register(info: PluginInfo): Promise<RegisteredPlugin>;
}

export interface PluginRegistryOptions {
  clock: Clock;
  logger: Logger;
  /** plug-ins put a socket here to be known */
  directory: string;
  /** by type, such as "CSIPlugin" */
  handlers: Readonly<Record<string, PluginHandler>>;
  /** a plug-in has come or gone */
  changed(): void;
}

interface Known {
  name: string;
  /** of the socket: a plug-in that was started anew has another */
  inode: number;
  plugin: RegisteredPlugin;
}

/** The plug-ins of this node: each makes itself known by a socket in one folder, and is forgotten with it. */
export class PluginRegistry {
  readonly #options: PluginRegistryOptions;
  /** by the socket's name in the folder */
  readonly #known = new Map<string, Known>();
  #looking: Promise<void> = Promise.resolve();

  constructor(options: PluginRegistryOptions) {
    this.#options = options;
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
    for (const { plugin } of this.#known.values()) plugin.close();
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
    for (const [socket, { plugin, inode }] of this.#known) {
      if (found.get(socket) === inode) continue;
      this.#known.delete(socket);
      plugin.close();
      // one that comes back at once is taken in anew below
      if (!found.has(socket)) await plugin.withdraw();
      this.#options.changed();
    }
    for (const [socket, inode] of found) {
      if (!this.#known.has(socket)) await this.#register(socket, inode);
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

  async #register(socket: string, inode: number): Promise<void> {
    const { clock, logger, directory } = this.#options;
    const channel = new GrpcChannel(join(directory, socket));
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
        const plugin = await this.#handler(info).register(info);
        this.#known.set(socket, { name: info.name, inode, plugin });
      } catch (cause) {
        await tell(false, (cause as Error).message);
        throw cause;
      }
      await tell(true);
      logger.info("plug-in registered", { type: info.type, name: info.name });
      this.#options.changed();
    } catch (cause) {
      logger.warn("plug-in not registered", { socket, error: cause });
    } finally {
      channel.close();
    }
  }

  #handler({ type, endpoint }: PluginInfo): PluginHandler {
    const found = this.#options.handlers[type];
    if (!found) throw new Error(`no handler registered for plugin type: ${type}`);
    if (endpoint === "") throw new Error("the plug-in names no endpoint");
    return found;
  }
}
