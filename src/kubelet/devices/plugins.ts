import { ResourceSlice } from "../../api/resource/v1/index.ts";
import type { Client } from "../../client/index.ts";
import type { Clock, Timer } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import type { PluginInfo } from "../plugins/messages.ts";
import type { PluginHandler, RegisteredPlugin } from "../plugins/registration.ts";
import { DevicePlugin, spokenVersion } from "./plugin.ts";

/** How long a driver may be gone, as when it is updated, before what it said of its devices is deleted. */
const GONE_FOR = 30_000;

export interface DevicePluginsOptions {
  clock: Clock;
  logger: Logger;
  client: Client;
  nodeName: string;
  /** a path that a driver names, as this machine has it */
  onMachine(path: string): string;
}

/** The drivers of devices on this node, as they are registered. */
export class DevicePlugins implements PluginHandler {
  readonly #options: DevicePluginsOptions;
  readonly #plugins = new Map<string, DevicePlugin>();
  readonly #leaving = new Map<string, Timer>();

  constructor(options: DevicePluginsOptions) {
    this.#options = options;
  }

  get(name: string): DevicePlugin | undefined {
    return this.#plugins.get(name);
  }

  /** Drivers that were here before the kubelet, and do not come back, are forgotten like those that leave. */
  begin(): void {
    this.#leaves("");
  }
  /** Nothing is forgotten any more. */
  end(): void {
    for (const timer of this.#leaving.values()) timer.cancel();
  }

  async register({ name, endpoint, supportedVersions }: PluginInfo): Promise<RegisteredPlugin> {
    const { clock, onMachine } = this.#options;
    const version = spokenVersion(supportedVersions);
    if (!version) {
      throw new Error(`none of the versions specified "${supportedVersions.join(",")}" are supported by this kubelet`);
    }
    const plugin = new DevicePlugin({ name, socket: onMachine(endpoint), clock, version });
    this.#leaving.get(name)?.cancel();
    this.#plugins.set(name, plugin);
    return {
      close: () => {
        plugin.close();
        if (this.#plugins.get(name) === plugin) this.#plugins.delete(name);
      },
      withdraw: async () => this.#leaves(name),
    };
  }

  #leaves(name: string): void {
    this.#leaving.get(name)?.cancel();
    this.#leaving.set(
      name,
      this.#options.clock.setTimer(GONE_FOR, () => void this.#forget(name)),
    );
  }

  /** Nobody answers for these devices any more. */
  async #forget(name: string): Promise<void> {
    const { client, logger, nodeName } = this.#options;
    const drivers = name ? [`spec.driver=${name}`] : [...this.#plugins.keys()].map((here) => `spec.driver!=${here}`);
    const fieldSelector = [`spec.nodeName=${nodeName}`, ...drivers].join(",");
    try {
      await client.deleteCollection(ResourceSlice, { fieldSelector });
    } catch (error) {
      logger.warn("devices of a driver that is gone could not be taken back", { driver: name, error });
      this.#leaves(name);
    }
  }
}
