import type { Linode, Volume } from "@linode/api-v4";
import { check, checkLabel, checkTags, found, REGIONS } from "./emulatorRefusals.ts";

type Body = Record<string, unknown>;

/** The account's volumes. Attaching takes a while: it is done at the second look. */
export class VolumeShelf {
  readonly #volumes = new Map<number, Volume>();
  readonly #pending = new Map<number, { looks: number; linode: number | null }>();
  readonly #nextId: () => number;
  readonly #linodes: ReadonlyMap<number, Linode>;

  constructor(nextId: () => number, linodes: ReadonlyMap<number, Linode>) {
    this.#nextId = nextId;
    this.#linodes = linodes;
  }

  list(): Volume[] {
    return [...this.#volumes.values()];
  }
  get(id: string): Volume {
    const volume = found(this.#volumes.get(Number(id)));
    const pending = this.#pending.get(volume.id);
    if (pending && --pending.looks === 0) {
      volume.linode_id = pending.linode;
      this.#pending.delete(volume.id);
    }
    return volume;
  }
  create({ label, region, size = 20, tags = [] }: Body): Volume {
    check(REGIONS.includes(String(region)), "region", "region is not valid");
    checkLabel(label, 32, this.list());
    checkTags(tags);
    checkSize(size, 10);
    const volume: Volume = {
      id: this.#nextId(),
      label: String(label),
      region: String(region),
      size: Number(size),
      status: "active",
      filesystem_path: `/dev/disk/by-id/scsi-0Linode_Volume_${label}`,
      linode_id: null,
      tags: tags as string[],
    };
    this.#volumes.set(volume.id, volume);
    return volume;
  }
  attach(id: string, { linode_id }: Body): Volume {
    const volume = found(this.#volumes.get(Number(id)));
    const linode = this.#linodes.get(Number(linode_id));
    check(linode !== undefined, "linode_id", "Linode not found");
    check(volume.linode_id === null && !this.#pending.has(volume.id), "volume_id", `Volume ${id} is already attached`);
    check(linode!.region === volume.region, "linode_id", "Volume and Linode are not in the same region");
    this.#pending.set(volume.id, { looks: 2, linode: linode!.id });
    return volume;
  }
  detach(id: string): object {
    const volume = found(this.#volumes.get(Number(id)));
    check(volume.linode_id !== null, "volume_id", `Volume ${id} is not attached`);
    this.#pending.set(volume.id, { looks: 2, linode: null });
    return {};
  }
  resize(id: string, { size }: Body): Volume {
    const volume = found(this.#volumes.get(Number(id)));
    checkSize(size, volume.size + 1);
    volume.size = Number(size);
    return volume;
  }
  delete(id: string): object {
    const volume = found(this.#volumes.get(Number(id)));
    check(volume.linode_id === null, "volume_id", "Volume must be detached before it can be deleted");
    this.#volumes.delete(volume.id);
    return {};
  }
  /** The machine is gone. */
  release(linode: number): void {
    for (const volume of this.#volumes.values()) if (volume.linode_id === linode) volume.linode_id = null;
  }
}

function checkSize(size: unknown, least: number): void {
  const right = Number.isInteger(size) && Number(size) >= least && Number(size) <= 16_384;
  check(right, "size", `Must be ${least}-16384`);
}
