import { chmod, mkdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { PersistentVolume } from "../../api/core/v1/index.ts";
import { LOCAL_PROVISIONER } from "../../api/storage/v1/index.ts";
import { TurnsByKey } from "../../util/turns.ts";
import { unitsOf } from "../pod/resources.ts";
import type { Mounter } from "./mounter.ts";

const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";

/** A local volume of a class that asks for a file system for each. */
export const isSized = ({ metadata, spec }: PersistentVolume): boolean =>
  metadata.annotations?.[PROVISIONED_BY] === LOCAL_PROVISIONER && spec.local?.fsType !== undefined;

/** Where the file system of a sized volume is kept, in one file. */
export const imageOf = (path: string): string => `${path}.img`;

/**
 * Local volumes that hold what was asked for and no more: each has a file system of its own in a file, which takes room
 * as it fills. It is mounted while Pods of the node use it.
 */
export class SizedVolumes {
  readonly #mounter: Mounter;
  readonly #mounted = new Set<string>();
  readonly #turns = new TurnsByKey();

  constructor(mounter: Mounter) {
    this.#mounter = mounter;
  }

  get isBusy(): boolean {
    return this.#mounted.size > 0;
  }

  /** Mounts it at its path: made when it is new, enlarged when the volume has become larger meanwhile. */
  async bring({ spec }: PersistentVolume): Promise<void> {
    const { path, fsType: type = "ext4" } = spec.local!;
    await this.#turns.take(path, async () => {
      const isNew = await this.#mounter.image({ file: imageOf(path), size: unitsOf(spec.capacity?.storage), type });
      await mkdir(path, { recursive: true });
      const options = ["loop", ...(spec.mountOptions ?? [])];
      await this.#mounter.mount({ type, source: imageOf(path), target: path, options });
      this.#mounted.add(path);
      // open to all users, like a new folder
      if (isNew) await chmod(path, 0o777);
      await removeLostAndFound(path);
    });
  }

  async enlarge({ spec }: PersistentVolume): Promise<void> {
    const { path } = spec.local!;
    await this.#turns.take(path, () => this.#mounter.enlargeImage(imageOf(path), unitsOf(spec.capacity?.storage)));
  }

  /** No Pod of this node uses it any more. */
  async release(path: string): Promise<void> {
    await this.#turns.take(path, () => this.#mounter.unmountNow(path));
    this.#mounted.delete(path);
  }
}

/** Databases want to begin in a folder that is empty; checking a file system makes this one anew. */
async function removeLostAndFound(path: string): Promise<void> {
  await rmdir(join(path, "lost+found")).catch((error: { code?: string }) => {
    if (error.code !== "ENOENT" && error.code !== "ENOTEMPTY") throw error;
  });
}
