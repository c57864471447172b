import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PersistentVolume, Pod, Volume } from "../../api/core/v1/index.ts";
import { DISK_DRIVER, LOCAL_PROVISIONER } from "../../api/storage/v1/index.ts";
import type { Client } from "../../client/client.ts";
import { type ClaimedVolume, readClaim } from "./claims.ts";
import type { CsiVolumes } from "./csi/csiVolumes.ts";
import type { DiskMounts } from "./diskMounts.ts";
import { prepareHostPath } from "./hostPath.ts";
import type { Mounter } from "./mounter.ts";
import { MountFailure } from "./mountFailure.ts";
import { giveToGroup } from "./ownership.ts";
import { isSized, type SizedVolumes } from "./sizedVolumes.ts";
import { fileSystemUsage, folderUsage, type VolumeUsage } from "./usage.ts";

const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";

export interface PersistentVolumesOptions {
  client: Client;
  mounter: Mounter;
  nodeName: string;
  /** the folder of one Pod's volumes */
  volumesDirectory(podUid: string): string;
  /** disks that the control plane attaches */
  disks: DiskMounts;
  /** local volumes with file systems of their own */
  sized: SizedVolumes;
  /** volumes of CSI drivers */
  csi: CsiVolumes;
  /** the folder of all Pods' folders */
  podsDirectory: string;
  /** where this node keeps the volumes of the default class */
  localVolumes: string;
}

/** A volume that is ready for a Pod's containers. */
export interface ReadyVolume {
  name: string;
  /** the folder, or the device, on this machine */
  path: string;
  readOnly: boolean;
  isDevice: boolean;
  /** how full it is, where that can be told */
  usage?(): Promise<VolumeUsage>;
  /** brings it up to date; answers the instant at which that is due again */
  refresh?(): Promise<number>;
}

/** What a later kubelet must know of a volume even when its Pod is gone from the API. */
interface Remembered {
  persistentVolume: string;
  claim: string;
  /** its files were given to the Pod's fsGroup */
  owned: boolean;
  /** the disk that is mounted for it, or the path of a volume with a file system of its own */
  disk?: string;
}

/** Brings the volumes behind claims to where containers find them. */
export class PersistentVolumes {
  readonly #options: PersistentVolumesOptions;
  /** by Pod's UID, then by the volume's name in the Pod */
  readonly #ready = new Map<string, Map<string, ReadyVolume>>();
  /** Pods' UIDs by the volume that only one may use */
  readonly #single = new Map<string, string>();

  constructor(options: PersistentVolumesOptions) {
    this.#options = options;
  }

  get(podUid: string, name: string): ReadyVolume | undefined {
    return this.#ready.get(podUid)?.get(name);
  }

  forget(podUid: string): void {
    this.#ready.delete(podUid);
    for (const [volume, uid] of this.#single) if (uid === podUid) this.#single.delete(volume);
  }

  /**
   * Once for each Pod: what is ready stays so until the Pod is gone, and is refreshed where its driver wants that.
   * Answers the instant at which that is due again.
   */
  async prepare(pod: Pod, volume: Volume): Promise<number | undefined> {
    const ready = this.get(pod.metadata.uid!, volume.name);
    if (!ready) await this.#begin(pod, volume);
    return this.get(pod.metadata.uid!, volume.name)?.refresh?.();
  }

  async #begin(pod: Pod, volume: Volume): Promise<void> {
    const uid = pod.metadata.uid!;
    if (volume.csi) {
      const { path, usage, refresh } = await this.#options.csi.bringInline(pod, volume);
      const readOnly = volume.csi.readOnly === true;
      return this.#add(uid, volume.name, { name: volume.name, path, usage, refresh, readOnly, isDevice: false });
    }
    const claimed = await readClaim(this.#options.client, pod, volume, this.#options.nodeName);
    this.#takeAlone(pod, claimed);
    const name = claimed.volume.metadata.name!;
    try {
      const ready = await this.#bring(pod, claimed);
      await this.#own(pod, claimed, ready);
      this.#add(uid, volume.name, ready);
    } catch (error) {
      throw MountFailure.of(name, error);
    }
  }
  #add(uid: string, name: string, ready: ReadyVolume): void {
    const all = this.#ready.get(uid) ?? new Map<string, ReadyVolume>();
    this.#ready.set(uid, all.set(name, ready));
  }

  /** A claim for one Pod is not given to a second, however that came to this node. */
  #takeAlone(pod: Pod, { claim, volume }: ClaimedVolume): void {
    if (!claim.spec.accessModes?.includes("ReadWriteOncePod")) return;
    const [name, uid] = [volume.metadata.name!, pod.metadata.uid!];
    const holder = this.#single.get(name);
    if (holder !== undefined && holder !== uid) {
      const why = "volume uses the ReadWriteOncePod access mode and is already in use by another pod";
      throw new MountFailure(`MountVolume.SetUp failed for volume "${name}" : ${why}`);
    }
    this.#single.set(name, uid);
  }

  /** The disks that a Pod which is gone has used and no other Pod here uses. Call it while its folder is there. */
  async disksOf(podUid: string): Promise<string[]> {
    const { podsDirectory } = this.#options;
    const others = (await readdir(podsDirectory).catch(() => [])).filter((uid) => uid !== podUid);
    const used = new Set((await Promise.all(others.map((uid) => this.#remembered(uid)))).flat());
    return (await this.#remembered(podUid)).filter((disk) => !used.has(disk));
  }
  release(disk: string): Promise<void> {
    const { disks, sized } = this.#options;
    return isPath(disk) ? sized.release(disk) : disks.release(disk);
  }
  /** Has drivers undo what they did for a Pod. Call it while its folder is there. */
  releaseDriven(podUid: string): Promise<void> {
    return this.#options.csi.release(podUid);
  }
  /** What the kubelet before this one has left mounted is in use until its Pods are gone. */
  async recall(): Promise<void> {
    await this.#options.csi.recall();
    for (const uid of await readdir(this.#options.podsDirectory).catch(() => [])) {
      for (const disk of await this.#remembered(uid)) {
        if (!isPath(disk)) this.#options.disks.use(disk);
      }
    }
  }
  async #remembered(podUid: string): Promise<string[]> {
    const folder = this.#memory(podUid);
    const names = await readdir(folder).catch(() => []);
    const all = await Promise.all(names.map((name) => read(join(folder, name, "vol_data.json"))));
    return all.flatMap((it) => (it?.disk === undefined ? [] : [it.disk]));
  }
  #memory(podUid: string): string {
    return join(this.#options.volumesDirectory(podUid), "kubernetes.io~persistent");
  }
  async #remember(pod: Pod, { claim, volume }: ClaimedVolume, owned: boolean): Promise<void> {
    const name = volume.metadata.name!;
    const { csi, local } = volume.spec;
    const disk = csi?.driver === DISK_DRIVER ? csi.volumeHandle : isSized(volume) ? local?.path : undefined;
    const remembered: Remembered = { persistentVolume: name, claim: claim.metadata.name!, owned, disk };
    const folder = join(this.#memory(pod.metadata.uid!), name);
    await mkdir(folder, { recursive: true, mode: 0o750 });
    await writeFile(join(folder, "vol_data.json"), JSON.stringify(remembered));
  }

  async #bring(pod: Pod, claimed: ClaimedVolume): Promise<ReadyVolume> {
    const { volume } = claimed;
    const isDevice = volume.spec.volumeMode === "Block";
    const known = await read(join(this.#memory(pod.metadata.uid!), volume.metadata.name!, "vol_data.json"));
    if (!known) await this.#remember(pod, claimed, false);
    const driven = isDriven(volume) ? await this.#options.csi.bring(pod, claimed) : undefined;
    const path = driven?.path ?? (await this.#path(pod, volume));
    if (isDevice && !(await stat(path)).isBlockDevice()) throw new Error(`${path} is not a block device`);
    return {
      name: volume.metadata.name!,
      path,
      isDevice,
      readOnly: claimed.readOnly || isForReading(volume),
      ...(driven ?? (isDevice ? {} : { usage: usageOf(volume, path) })),
    };
  }

  async #path(pod: Pod, { metadata, spec }: PersistentVolume): Promise<string> {
    const { mounter } = this.#options;
    const name = metadata.name!;
    if (spec.hostPath) {
      await prepareHostPath(spec.hostPath.path, spec.hostPath.type);
      return spec.hostPath.path;
    }
    if (spec.local) {
      const volume = { metadata, spec } as PersistentVolume;
      if (isSized(volume) && dirname(spec.local.path) === this.#options.localVolumes) {
        await this.#options.sized.bring(volume);
      } else if (metadata.annotations?.[PROVISIONED_BY] === LOCAL_PROVISIONER) {
        await this.#makeFolder(spec.local.path);
      }
      await this.#mustExist(name, spec.local.path);
      return spec.local.path;
    }
    if (spec.nfs) {
      const target = join(this.#options.volumesDirectory(pod.metadata.uid!), "kubernetes.io~nfs", name);
      await mkdir(target, { recursive: true, mode: 0o750 });
      const options = [...(spec.nfs.readOnly ? ["ro"] : []), ...(spec.mountOptions ?? [])];
      await mounter.mount({ type: "nfs", source: `${spec.nfs.server}:${spec.nfs.path}`, target, options });
      return target;
    }
    if (spec.csi?.driver === DISK_DRIVER) return this.#options.disks.bring({ metadata, spec } as PersistentVolume);
    throw MountFailure.of(name, new Error("no volume plugin matched"));
  }

  /** Open to all users of the Pod's containers, as a disk that was just formatted would not be. */
  async #makeFolder(path: string): Promise<void> {
    if (dirname(path) !== this.#options.localVolumes) return; // another node's, or none of ours
    if (await mkdir(path, { recursive: true })) await chmod(path, 0o777);
  }

  async #mustExist(name: string, path: string): Promise<void> {
    if (await stat(path).catch(() => undefined)) return;
    const why = `path "${path}" does not exist`;
    throw new MountFailure(`MountVolume.NewMounter initialization failed for volume "${name}" : ${why}`);
  }

  /** Files are given to the Pod's group once, by this kubelet or the one before. */
  async #own(pod: Pod, claimed: ClaimedVolume, { name, path, isDevice, readOnly }: ReadyVolume): Promise<void> {
    if ((await read(join(this.#memory(pod.metadata.uid!), name, "vol_data.json")))?.owned) return;
    const { spec } = claimed.volume;
    const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {};
    // folders of the host belong to the host, a server's files to the server, a driver's to whom the driver says
    const isOurs = spec.local !== undefined || spec.csi?.driver === DISK_DRIVER;
    if (fsGroup !== undefined && isOurs && !isDevice && !readOnly) {
      await giveToGroup(path, fsGroup, { policy: fsGroupChangePolicy });
    }
    await this.#remember(pod, claimed, true);
  }
}

const read = (file: string): Promise<Remembered | undefined> =>
  readFile(file, "utf8").then(
    (text) => JSON.parse(text) as Remembered,
    () => undefined,
  );

/** A folder of the host is the host's; a local volume of the default class shares its disk with others. */
function usageOf(volume: PersistentVolume, path: string): (() => Promise<VolumeUsage>) | undefined {
  const { metadata, spec } = volume;
  if (spec.hostPath) return undefined;
  const isFolder = spec.local && !isSized(volume) && metadata.annotations?.[PROVISIONED_BY] === LOCAL_PROVISIONER;
  return () => (isFolder ? folderUsage(path) : fileSystemUsage(path));
}

const isPath = (disk: string): boolean => disk.startsWith("/");

const isForReading = ({ spec }: PersistentVolume): boolean =>
  spec.nfs?.readOnly === true || (spec.accessModes?.every((mode) => mode === "ReadOnlyMany") ?? false);

/** Served by a driver of its own, which the kubelet has to ask. */
const isDriven = ({ spec }: PersistentVolume): boolean => spec.csi !== undefined && spec.csi.driver !== DISK_DRIVER;
