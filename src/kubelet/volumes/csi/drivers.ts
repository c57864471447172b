import type { Clock } from "../../../util/clock.ts";
import type { PluginInfo } from "../../plugins/messages.ts";
import type { PluginHandler, RegisteredPlugin } from "../../plugins/registration.ts";
import type { KubeletFolder } from "../kubeletFolder.ts";
import type { CsiNodes } from "./csiNodes.ts";
import { CsiDriver } from "./driver.ts";

/** What this kubelet speaks is csi.v1. */
const isSpoken = (version: string): boolean => /^v?1\./.test(version);

export interface CsiDriversOptions {
  clock: Clock;
  nodes: CsiNodes;
  folder: KubeletFolder;
}

/** The CSI drivers that are registered on this node. */
export class CsiDrivers implements PluginHandler {
  readonly #options: CsiDriversOptions;
  readonly #drivers = new Map<string, CsiDriver>();

  constructor(options: CsiDriversOptions) {
    this.#options = options;
  }

  get(name: string): CsiDriver | undefined {
    return this.#drivers.get(name);
  }
  /** Throws in the words that events use. */
  need(name: string): CsiDriver {
    const driver = this.get(name);
    if (!driver) throw new Error(`driver name ${name} not found in the list of registered CSI drivers`);
    return driver;
  }

  async register({ name, endpoint, supportedVersions }: PluginInfo): Promise<RegisteredPlugin> {
    const { clock, nodes, folder } = this.#options;
    if (!supportedVersions.some(isSpoken)) {
      const versions = supportedVersions.join(",");
      throw new Error(`none of the versions specified "${versions}" are supported by this kubelet`);
    }
    const socket = folder.onMachine(endpoint);
    const driver = new CsiDriver({ name, clock, socket, seenByDriver: folder.seenBy(endpoint) });
    try {
      await nodes.declare(name, await driver.info());
    } catch (error) {
      driver.close();
      throw error;
    }
    this.#drivers.get(name)?.close();
    this.#drivers.set(name, driver);
    return {
      close: () => {
        driver.close();
        if (this.#drivers.get(name) === driver) this.#drivers.delete(name);
      },
      // another socket may speak for a driver of this name meanwhile
      withdraw: async () => {
        if (!this.#drivers.has(name)) await nodes.withdraw(name);
      },
    };
  }
}
