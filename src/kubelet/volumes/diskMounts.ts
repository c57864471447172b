import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { PersistentVolume } from "../../api/core/v1/index.ts";
import { DEVICE_PATH, DISK_DRIVER, uniqueVolumeName } from "../../api/storage/v1/index.ts";
import type { Client } from "../../client/client.ts";
import type { Clock } from "../../util/clock.ts";
import { TurnsByKey } from "../../util/turns.ts";
import { attached } from "./attachment.ts";
import type { Mounter } from "./mounter.ts";

export interface DiskMountsOptions {
  client: Client;
  clock: Clock;
  mounter: Mounter;
  nodeName: string;
  /** the kubelet's folder for what belongs to no single Pod */
  pluginsDirectory: string;
  /** the disks in use have changed, which the node's status tells */
  changed(): void;
}

/** Disks that the control plane attaches to this node: waited for, formatted when blank, mounted once for all Pods. */
export class DiskMounts {
  readonly #options: DiskMountsOptions;
  readonly #inUse = new Set<string>();
  readonly #turns = new TurnsByKey();

  constructor(options: DiskMountsOptions) {
    this.#options = options;
  }

  /** By the names that Node.status.volumesInUse has for them. */
  get inUse(): string[] {
    return [...this.#inUse].map((handle) => uniqueVolumeName(DISK_DRIVER, handle)).sort();
  }
  use(handle: string): void {
    if (this.#inUse.has(handle)) return;
    this.#inUse.add(handle);
    this.#options.changed();
  }

  /** The device, or the folder where its file system is mounted. */
  async bring({ metadata, spec }: PersistentVolume): Promise<string> {
    const { volumeHandle: handle, fsType = "ext4" } = spec.csi!;
    this.use(handle);
    const device = await this.#attached(metadata.name!, handle);
    if (spec.volumeMode === "Block") return device;
    const target = this.#target(handle);
    await this.#turns.take(handle, async () => {
      await mkdir(target, { recursive: true, mode: 0o750 });
      await this.#options.mounter.format(device, fsType);
      await this.#options.mounter.mount({ type: fsType, source: device, target, options: spec.mountOptions ?? [] });
    });
    return target;
  }

  /** Makes the file system on a disk of this node as large as the disk has become. */
  async enlarge({ metadata, spec }: PersistentVolume): Promise<void> {
    const { volumeHandle: handle, fsType = "ext4" } = spec.csi!;
    const device = await this.#attached(metadata.name!, handle);
    await this.#turns.take(handle, () => this.#options.mounter.enlarge(device, this.#target(handle), fsType));
  }

  /** No Pod of this node uses the disk any more. */
  async release(handle: string): Promise<void> {
    await this.#turns.take(handle, () => this.#options.mounter.unmountNow(this.#target(handle)));
    if (this.#inUse.delete(handle)) this.#options.changed();
  }

  #target(handle: string): string {
    const name = createHash("sha256").update(handle).digest("hex");
    return join(this.#options.pluginsDirectory, "kubernetes.io", "csi", DISK_DRIVER, name, "globalmount");
  }

  async #attached(volume: string, handle: string): Promise<string> {
    const { nodeName: node } = this.#options;
    const told = await attached({ driver: DISK_DRIVER, handle, volume, node }, this.#options);
    return told[DEVICE_PATH]!;
  }
}
