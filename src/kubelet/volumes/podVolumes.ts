import { chmod, chown, mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Container, Pod, Volume, VolumeMount } from "../../api/core/v1/index.ts";
import type { Device, Mount } from "../../cri/index.ts";
import { ConfigError, expand } from "../pod/environment.ts";
import type { NodeFacts } from "../pod/fieldRefs.ts";
import { milliOf, unitsOf } from "../pod/resources.ts";
import { writeAtomically } from "./atomicWriter.ts";
import { claimNameOf } from "./claims.ts";
import { prepareHostPath } from "./hostPath.ts";
import type { ImageMounter } from "./imageMounter.ts";
import type { KubeletFolder } from "./kubeletFolder.ts";
import { type Mounter, mountsBelow } from "./mounter.ts";
import { MountFailure } from "./mountFailure.ts";
import { VolumeError, volumePayload } from "./payload.ts";
import type { PersistentVolumes } from "./persistentVolumes.ts";
import type { References } from "./references.ts";
import { holdSubPath } from "./subPath.ts";
import { type Tokens, tokenWishes } from "./tokens.ts";
import { unsupported } from "./unsupported.ts";

export interface PodVolumesOptions {
  rootDirectory: string;
  mounter: Mounter;
  references: References;
  tokens: Tokens;
  /** brings the image of a volume to this node, and answers its id */
  image(pod: Pod, volume: Volume): Promise<string>;
  imageMounter: ImageMounter;
  persistent: PersistentVolumes;
  folder: KubeletFolder;
  /** whether the runtime can make mounts in a volume read-only with it */
  canReadOnlyRecursively(): boolean;
}

/** The folders behind pods' volumes, under `<root>/pods/<uid>/volumes`. */
export class PodVolumes {
  readonly #options: PodVolumesOptions;

  constructor(options: PodVolumesOptions) {
    this.#options = options;
  }

  podDirectory(uid: string): string {
    return join(this.#options.rootDirectory, "pods", uid);
  }

  /** The folder (or file) on this machine behind a volume. */
  source(pod: Pod, volume: Volume): string {
    if (volume.hostPath) return this.#options.folder.onMachine(volume.hostPath.path);
    const ready = this.#options.persistent.get(pod.metadata.uid!, volume.name);
    if (ready) return ready.path;
    return join(this.podDirectory(pod.metadata.uid!), "volumes", `kubernetes.io~${pluginOf(volume)}`, volume.name);
  }

  /**
   * Brings all volumes to where they should be: made if new, their content renewed if it changed. Safe to repeat.
   * Answers the instant at which it must be repeated even when nothing changes (a token's renewal).
   */
  async prepare(pod: Pod, facts: NodeFacts, signal: AbortSignal): Promise<number | undefined> {
    const { references, tokens } = this.#options;
    await references.follow(pod, signal);
    const renewAt = await tokens.prepare(pod, tokenWishes(pod)).catch((error: unknown) => {
      const volume = (pod.spec.volumes ?? []).find((it) => it.projected?.sources?.some((s) => s.serviceAccountToken));
      throw MountFailure.of(volume?.name ?? "", new Error(`failed to fetch token: ${messageOf(error)}`));
    });
    const due = await Promise.all((pod.spec.volumes ?? []).map((volume) => this.#prepareOne(pod, volume, facts)));
    const times = [renewAt, ...due].filter((it) => it !== undefined);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** The UIDs of all pods of which anything is here. */
  pods(): Promise<string[]> {
    return readdir(join(this.#options.rootDirectory, "pods")).catch(() => []);
  }

  /** Unmounts and removes everything of a pod. */
  async remove(uid: string): Promise<void> {
    const directory = this.podDirectory(uid);
    this.#options.references.unfollow(uid);
    this.#options.tokens.forget(uid);
    const { persistent } = this.#options;
    persistent.forget(uid);
    if (!(await stat(directory).catch(() => undefined))) return;
    const images = join(directory, "volumes", "kubernetes.io~image");
    for (const name of await readdir(images).catch(() => [])) {
      await this.#options.imageMounter.unmount(join(images, name)).catch(() => {}); // unmounted below at the latest
    }
    // parts of a driver's volumes first, then the volumes, by their drivers
    await this.#options.mounter.unmountAll(join(directory, "volume-subpaths"));
    await persistent.releaseDriven(uid);
    await this.#options.mounter.unmountAll(directory);
    // what is mounted is not ours to remove
    const [left] = await mountsBelow(directory);
    if (left) throw new Error(`${left} is still mounted`);
    for (const disk of await persistent.disksOf(uid)) await persistent.release(disk);
    await rm(directory, { recursive: true, force: true });
  }

  async #prepareOne(pod: Pod, volume: Volume, facts: NodeFacts): Promise<number | undefined> {
    try {
      if (volume.image) await this.#image(pod, volume);
      else if (volume.hostPath) await prepareHostPath(this.source(pod, volume), volume.hostPath.type);
      else if (volume.emptyDir) await this.#emptyDir(pod, volume, facts);
      else if (volume.configMap || volume.secret || volume.projected || volume.downwardAPI) {
        await this.#content(pod, volume, facts);
      } else if (volume.csi || claimNameOf(pod, volume) !== undefined) {
        return await this.#options.persistent.prepare(pod, volume);
      } else if (volume.nfs) await this.#nfs(pod, volume);
      else throw unsupported(volume);
    } catch (error) {
      throw MountFailure.of(volume.name, error);
    }
    return undefined;
  }

  async #emptyDir(pod: Pod, volume: Volume, facts: NodeFacts): Promise<void> {
    const path = this.source(pod, volume);
    const { medium, sizeLimit } = volume.emptyDir!;
    if (await stat(path).catch(() => undefined)) return;
    if (medium && medium !== "Memory") {
      throw new VolumeError(`emptyDir medium ${medium} is not supported on this node`);
    }
    await openFolder(path);
    if (medium) await this.#options.mounter.tmpfs(path, { size: memorySize(pod, unitsOf(sizeLimit), facts) });
    await ownByGroup(path, pod.spec.securityContext?.fsGroup);
  }

  async #image(pod: Pod, volume: Volume): Promise<void> {
    const id = await this.#options.image(pod, volume);
    await this.#options.imageMounter.mount(id, this.source(pod, volume));
  }

  async #nfs(pod: Pod, volume: Volume): Promise<void> {
    const { server, path, readOnly } = volume.nfs!;
    const target = this.source(pod, volume);
    await mkdir(target, { recursive: true, mode: 0o750 });
    const options = readOnly ? ["ro"] : [];
    await this.#options.mounter.mount({ type: "nfs", source: `${server}:${path}`, target, options });
  }

  async #content(pod: Pod, volume: Volume, facts: NodeFacts): Promise<void> {
    const { references, tokens, mounter } = this.#options;
    const namespace = pod.metadata.namespace!;
    const payload = volumePayload(pod, volume, {
      configMap: (name) => references.configMap(namespace, name),
      secret: (name) => references.secret(namespace, name),
      token: (wish) => tokens.get(pod, wish),
      facts,
    });
    const path = this.source(pod, volume);
    if (!(await stat(path).catch(() => undefined))) {
      await openFolder(path);
      // Secrets and tokens never touch the disk.
      if (!volume.configMap) await mounter.tmpfs(path, {});
      await ownByGroup(path, pod.spec.securityContext?.fsGroup);
    }
    await writeAtomically(path, payload, pod.spec.securityContext?.fsGroup);
  }

  /** The mounts of one container, subPaths made and checked. Throws ConfigError. */
  async mounts(pod: Pod, container: Container, environment: ReadonlyMap<string, string>): Promise<Mount[]> {
    const mounts: Mount[] = [];
    for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
      const volume = volumeNamed(pod, mount.name);
      const subPath = mount.subPathExpr ? expandStrictly(mount.subPathExpr, environment) : mount.subPath;
      const whole = this.source(pod, volume);
      const place = join("volume-subpaths", volume.name, container.name, String(i));
      const hostPath = subPath ? await this.#part(pod, whole, subPath, place) : whole;
      mounts.push(this.#mount(pod, volume, mount, hostPath));
    }
    return mounts;
  }

  /** The devices that a container sees of its Pod's raw volumes. */
  devices(pod: Pod, container: Container): Device[] {
    return (container.volumeDevices ?? []).map(({ name, devicePath }) => {
      const ready = this.#options.persistent.get(pod.metadata.uid!, name);
      if (!ready?.isDevice) throw new ConfigError(`volume ${name} is not a device`);
      return { containerPath: devicePath, hostPath: ready.path, permissions: ready.readOnly ? "r" : "mrw" };
    });
  }

  #mount(pod: Pod, volume: Volume, mount: VolumeMount, hostPath: string): Mount {
    const { image, configMap, secret, projected, downwardAPI } = volume;
    // Content that the node writes is read-only to containers, whatever they ask.
    const isContent = !!(image || configMap || secret || projected || downwardAPI);
    const isRecursive = mount.recursiveReadOnly === "Enabled";
    if (isRecursive && !this.#options.canReadOnlyRecursively()) {
      throw new ConfigError(`volume mount "${mount.name}" is to be recursively read-only: the runtime cannot do that`);
    }
    const isForReading = this.#options.persistent.get(pod.metadata.uid!, volume.name)?.readOnly === true;
    return {
      containerPath: mount.mountPath.startsWith("/") ? mount.mountPath : `/${mount.mountPath}`,
      hostPath,
      readonly: mount.readOnly || isContent || isForReading,
      ...(isRecursive ? { recursiveReadOnly: true } : {}),
      propagation: PROPAGATION[mount.mountPropagation ?? "None"] ?? "PROPAGATION_PRIVATE",
    };
  }

  /** A part of a volume, mounted at a place of its own, so that nobody can put something else there meanwhile. */
  async #part(pod: Pod, whole: string, subPath: string, place: string): Promise<string> {
    const { mode } = await stat(whole);
    const held = await holdSubPath(whole, subPath, {
      // New folders are as open as the volume they are in.
      made: async (path) => {
        await chmod(path, mode & 0o777);
        await ownByGroup(path, pod.spec.securityContext?.fsGroup);
      },
    });
    try {
      return await this.#options.mounter.bindHeld(held, join(this.podDirectory(pod.metadata.uid!), place));
    } finally {
      await held.close();
    }
  }
}

function volumeNamed(pod: Pod, name: string): Volume {
  const volume = pod.spec.volumes?.find((it) => it.name === name);
  if (!volume) throw new ConfigError(`volume ${name} is not declared in the pod`);
  return volume;
}

const PROPAGATION: Readonly<Record<string, NonNullable<Mount["propagation"]>>> = {
  None: "PROPAGATION_PRIVATE",
  HostToContainer: "PROPAGATION_HOST_TO_CONTAINER",
  Bidirectional: "PROPAGATION_BIDIRECTIONAL",
};

function expandStrictly(expression: string, environment: ReadonlyMap<string, string>): string {
  return expand(expression, (name) => {
    const value = environment.get(name);
    if (value === undefined) throw new ConfigError(`missing value for "${name}"`);
    return value;
  });
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Which field of the volume names its type: "empty-dir", "configmap", … as folders are called. */
function pluginOf(volume: Volume): string {
  const { name: _, ...source } = volume;
  const type = Object.keys(source)[0] ?? "empty-dir";
  return type === "emptyDir" ? "empty-dir" : type === "downwardAPI" ? "downward-api" : type.toLowerCase();
}

async function ownByGroup(path: string, group: number | undefined): Promise<void> {
  if (group === undefined) return;
  const owner = await stat(path);
  await chown(path, owner.uid, group);
  await chmod(path, (owner.mode & 0o7777) | 0o2070);
}

/** A new folder that all users of a Pod's containers may write to, whatever this process's umask. */
async function openFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o777);
}

/** A memory-backed volume may take as much as the Pod's containers may, or the node has: no more would ever fit. */
function memorySize(pod: Pod, sizeLimit: number, { allocatable }: NodeFacts): number | undefined {
  const limits = pod.spec.containers.map((it) => it.resources?.limits?.memory);
  const ofPod = limits.every((it) => milliOf(it) > 0) ? limits.reduce((sum, it) => sum + unitsOf(it), 0) : 0;
  const known = [sizeLimit, ofPod, unitsOf(allocatable.memory)].filter((it) => it > 0);
  return known.length > 0 ? Math.min(...known) : undefined;
}
