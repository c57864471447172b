import { createHash } from "node:crypto";
import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CSIPersistentVolumeSource, PersistentVolume, Pod, Volume } from "../../../api/core/v1/index.ts";
import { CSIDriver, uniqueVolumeName } from "../../../api/storage/v1/index.ts";
import { isNotFound } from "../../../apimachinery/status.ts";
import type { Client } from "../../../client/client.ts";
import type { Clock } from "../../../util/clock.ts";
import { TurnsByKey } from "../../../util/turns.ts";
import { unitsOf } from "../../pod/resources.ts";
import { attached } from "../attachment.ts";
import type { ClaimedVolume } from "../claims.ts";
import { mountsBelow } from "../mounter.ts";
import { MountFailure } from "../mountFailure.ts";
import { giveToGroup } from "../ownership.ts";
import type { Tokens } from "../tokens.ts";
import type { VolumeUsage } from "../usage.ts";
import { capabilityOf, groupWay } from "./capability.ts";
import { podContext, secretsOf } from "./context.ts";
import type { CsiDriver } from "./driver.ts";
import type { CsiDrivers } from "./drivers.ts";
import type { VolumeCapability } from "./messages.ts";
import { forgetPublished, type Published, readPublished, remember } from "./published.ts";

const PLUGIN = "kubernetes.io~csi";
/** A driver that wants its volumes refreshed is given the chance so often. */
const REPUBLISH_EVERY = 60_000;

export interface CsiVolumesOptions {
  client: Client;
  clock: Clock;
  drivers: CsiDrivers;
  tokens: Tokens;
  nodeName: string;
  /** the folder for what belongs to no single Pod */
  pluginsDirectory: string;
  /** the folder of all Pods' folders, and that of one Pod's volumes */
  podsDirectory: string;
  volumesDirectory(podUid: string): string;
  /** the volumes in use have changed, which the node's status tells */
  changed(): void;
}

/** What a Pod gets to see. */
export interface CsiVolume {
  path: string;
  usage(): Promise<VolumeUsage>;
  /** publishes once more, where the driver wants that; answers the instant at which it is due again */
  refresh?(): Promise<number>;
}

/** One volume that a Pod asks for, whether it is a PersistentVolume's or the Pod's own. */
interface Wish {
  pod: Pod;
  /** the PersistentVolume's name, or that of the volume in the Pod */
  name: string;
  source: Omit<CSIPersistentVolumeSource, "nodePublishSecretRef"> & {
    nodePublishSecretRef?: { name?: string; namespace?: string };
  };
  readOnly: boolean;
  isBlock: boolean;
  isInline: boolean;
  accessModes: readonly string[];
  mountOptions: readonly string[];
}

/** Has CSI drivers stage volumes on this node, publish them to Pods, and undo both. */
export class CsiVolumes {
  readonly #options: CsiVolumesOptions;
  /** by volumes that are attached here or about to be, as "driver^handle": the Pods that use them */
  readonly #inUse = new Map<string, Set<string>>();
  readonly #staged = new Set<string>();
  /** Pods that have volumes of drivers */
  readonly #present = new Set<string>();
  readonly #turns = new TurnsByKey();

  constructor(options: CsiVolumesOptions) {
    this.#options = options;
  }

  /** By the names that Node.status.volumesInUse has for them. */
  get inUse(): string[] {
    return [...this.#inUse.keys()].map((key) => `kubernetes.io/csi/${key}`).sort();
  }

  /** Whether any volume of a driver is here. */
  get isBusy(): boolean {
    return this.#present.size > 0;
  }

  bring(pod: Pod, { volume, readOnly }: ClaimedVolume): Promise<CsiVolume> {
    const { metadata, spec } = volume;
    return this.#bring({
      pod,
      name: metadata.name!,
      source: spec.csi!,
      readOnly: readOnly || spec.csi!.readOnly === true,
      isBlock: spec.volumeMode === "Block",
      isInline: false,
      accessModes: spec.accessModes ?? [],
      mountOptions: spec.mountOptions ?? [],
    });
  }

  /** A volume that the driver makes for this Pod alone. */
  bringInline(pod: Pod, { name, csi }: Volume): Promise<CsiVolume> {
    const { driver, fsType, volumeAttributes, nodePublishSecretRef, readOnly } = csi!;
    const volumeHandle = `csi-${createHash("sha256").update(`${pod.metadata.uid}${name}`).digest("hex")}`;
    const secret = nodePublishSecretRef && { ...nodePublishSecretRef, namespace: pod.metadata.namespace };
    return this.#bring({
      pod,
      name,
      source: {
        driver,
        volumeHandle,
        ...(fsType ? { fsType } : {}),
        ...(volumeAttributes ? { volumeAttributes } : {}),
        ...(secret ? { nodePublishSecretRef: secret } : {}),
      },
      readOnly: readOnly === true,
      isBlock: false,
      isInline: true,
      accessModes: [],
      mountOptions: [],
    });
  }

  /** Undoes what was done for a Pod. Call it while its folder is there, when nothing uses its volumes any more. */
  async release(podUid: string): Promise<void> {
    this.#present.delete(podUid);
    for (const published of await readPublished(this.#folder(podUid))) {
      const { driverName, volumeHandle, specVolID, isBlock } = published;
      const target = this.#target(podUid, specVolID, isBlock);
      await this.#alone(published, async () => {
        const driver = this.#options.drivers.need(driverName);
        await driver.unpublish(volumeHandle, target);
        await removeEmpty(target);
        if (!(await this.#isUsedElsewhere(published, podUid))) await this.#unstage(driver, published);
        // last: what is interrupted, or refused, is done once more
        await forgetPublished(this.#folder(podUid), specVolID);
      }).catch((error: Error) => {
        throw new Error(`UnmountVolume.TearDown failed for volume "${specVolID}" : ${error.message}`, { cause: error });
      });
    }
    this.#unuse(podUid);
  }
  #use(key: string, podUid: string): void {
    const users = this.#inUse.get(key);
    if (users) return void users.add(podUid);
    this.#inUse.set(key, new Set([podUid]));
    this.#options.changed();
  }
  /** Also what the Pod only waited for. */
  #unuse(podUid: string): void {
    for (const [key, users] of this.#inUse) {
      if (!users.delete(podUid) || users.size > 0) continue;
      this.#inUse.delete(key);
      this.#options.changed();
    }
  }

  /** What the kubelet before this one has published is in use until its Pods are gone. */
  async recall(): Promise<void> {
    for (const podUid of await this.#pods()) {
      for (const published of await readPublished(this.#folder(podUid))) {
        const { driverName: driver, volumeHandle, specVolID, isAttached, isStaged, isBlock } = published;
        if (isAttached) this.#use(keyOf(published), podUid);
        // when the machine was started anew, all must be staged again
        const staging = this.#staging({ driver, volumeHandle }, specVolID, isBlock);
        const isThere = isStaged && (await mountsBelow(staging)).includes(staging);
        if (isThere) this.#staged.add(keyOf(published));
      }
    }
  }

  /** Makes what is on a volume as large as the volume has become. */
  async enlarge({ metadata, spec }: PersistentVolume, pod: Pod): Promise<void> {
    const csi = spec.csi!;
    const driver = this.#options.drivers.need(csi.driver);
    // a driver that cannot has no need to
    if (!(await driver.can("EXPAND_VOLUME"))) return;
    const isBlock = spec.volumeMode === "Block";
    const wish = { source: csi, isBlock, accessModes: spec.accessModes ?? [], mountOptions: spec.mountOptions ?? [] };
    const staged = await driver.can("STAGE_UNSTAGE_VOLUME");
    await driver.expand({
      volumeId: csi.volumeHandle,
      volumePath: this.#target(pod.metadata.uid!, metadata.name!, isBlock),
      capacityRange: { requiredBytes: unitsOf(spec.capacity?.storage) },
      stagingTargetPath: staged ? this.#staging(csi, metadata.name!, isBlock) : "",
      volumeCapability: await capabilityOf(driver, wish),
      secrets: await secretsOf(this.#options.client, csi.nodeExpandSecretRef),
    });
  }

  // --- bringing ---

  async #bring(wish: Wish): Promise<CsiVolume> {
    const { pod, name, isBlock, source } = wish;
    const target = this.#target(pod.metadata.uid!, name, isBlock);
    const info = await this.#about(source.driver);
    const known = (await readPublished(this.#folder(pod.metadata.uid!))).some(({ specVolID }) => specVolID === name);
    const refresh = info?.requiresRepublish ? () => this.#refresh(wish) : undefined;
    // after a restart of the kubelet all is as it was, even while the driver is not there
    const isThere = known && !isBlock && (await mountsBelow(target)).includes(target);
    if (!isThere) {
      const key = { driverName: source.driver, volumeHandle: source.volumeHandle };
      await this.#alone(key, () => this.#set(wish, target, info));
    }
    this.#present.add(pod.metadata.uid!);
    return { path: target, usage: () => this.#usage(wish, target), ...(refresh ? { refresh } : {}) };
  }

  async #set(wish: Wish, target: string, info: CSIDriver["spec"] | undefined): Promise<void> {
    const { pod, name, source, isInline, isBlock } = wish;
    const driver = this.#driver(wish);
    if (isInline) mustBeInline(source.driver, info);
    const isAttached = !isInline && info?.attachRequired !== false;
    const publishContext = isAttached ? await this.#attachment(wish) : {};
    const way = groupWay(await driver.can("VOLUME_MOUNT_GROUP"), info, wish);
    const volumeCapability = await capabilityOf(driver, wish, way === "driver" ? groupOf(pod) : undefined);
    const isStaged = !isInline && (await driver.can("STAGE_UNSTAGE_VOLUME"));
    const published: Published = {
      driverName: source.driver,
      volumeHandle: source.volumeHandle,
      specVolID: name,
      volumeLifecycleMode: isInline ? "Ephemeral" : "Persistent",
      nodeName: this.#options.nodeName,
      isAttached,
      isStaged,
      isBlock,
    };
    await remember(this.#folder(pod.metadata.uid!), published);
    if (isStaged) await this.#stage(driver, wish, volumeCapability, publishContext);
    await mkdir(dirname(target), { recursive: true, mode: 0o750 });
    await this.#publish(driver, wish, { target, volumeCapability, publishContext, isStaged, info });
    const group = groupOf(pod);
    if (way === "kubelet" && group !== undefined && !wish.readOnly) {
      await giveToGroup(target, group, { policy: pod.spec.securityContext?.fsGroupChangePolicy });
    }
  }

  #driver({ source, name, isInline }: Wish): CsiDriver {
    const driver = this.#options.drivers.get(source.driver);
    if (driver) return driver;
    const why = `driver name ${source.driver} not found in the list of registered CSI drivers`;
    if (isInline) throw new Error(`kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: ${why}`);
    const text = "kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient";
    throw new MountFailure(`MountVolume.MountDevice failed for volume "${name}" : ${text}: ${why}`);
  }

  #attachment({ pod, source, name }: Wish): Promise<Readonly<Record<string, string>>> {
    this.#use(keyOf({ driverName: source.driver, volumeHandle: source.volumeHandle }), pod.metadata.uid!);
    const { driver, volumeHandle: handle } = source;
    return attached({ driver, handle, volume: name, node: this.#options.nodeName }, this.#options);
  }

  async #stage(
    driver: CsiDriver,
    { name, source, isBlock }: Wish,
    volumeCapability: VolumeCapability,
    publishContext: Readonly<Record<string, string>>,
  ): Promise<void> {
    const key = keyOf({ driverName: source.driver, volumeHandle: source.volumeHandle });
    if (this.#staged.has(key)) return;
    const staging = this.#staging(source, name, isBlock);
    await mkdir(staging, { recursive: true, mode: 0o750 });
    try {
      await driver.stage({
        volumeId: source.volumeHandle,
        publishContext,
        stagingTargetPath: staging,
        volumeCapability,
        secrets: await secretsOf(this.#options.client, source.nodeStageSecretRef),
        volumeContext: source.volumeAttributes ?? {},
      });
    } catch (error) {
      throw new MountFailure(`MountVolume.MountDevice failed for volume "${name}" : ${(error as Error).message}`);
    }
    this.#staged.add(key);
  }

  async #publish(driver: CsiDriver, { pod, name, source, isBlock, isInline, readOnly }: Wish, how: PublishHow) {
    const { target, volumeCapability, publishContext, isStaged, info } = how;
    const { client, tokens } = this.#options;
    const secrets = await secretsOf(client, source.nodePublishSecretRef);
    const context = await podContext(pod, { info, isInline, tokens });
    await driver.publish({
      volumeId: source.volumeHandle,
      publishContext,
      stagingTargetPath: isStaged ? this.#staging(source, name, isBlock) : "",
      targetPath: target,
      volumeCapability,
      readonly: readOnly,
      secrets: { ...secrets, ...context.secrets },
      volumeContext: { ...source.volumeAttributes, ...context.volume },
    });
  }

  /** Published anew, over what is there. */
  async #refresh(wish: Wish): Promise<number> {
    const { pod, name, source, isBlock, isInline } = wish;
    const driver = this.#driver(wish);
    const info = await this.#about(source.driver);
    const key = { driverName: source.driver, volumeHandle: source.volumeHandle };
    await this.#alone(key, async () => {
      const way = groupWay(await driver.can("VOLUME_MOUNT_GROUP"), info, wish);
      await this.#publish(driver, wish, {
        target: this.#target(pod.metadata.uid!, name, isBlock),
        volumeCapability: await capabilityOf(driver, wish, way === "driver" ? groupOf(pod) : undefined),
        publishContext: isInline || info?.attachRequired === false ? {} : await this.#attachment(wish),
        isStaged: !isInline && (await driver.can("STAGE_UNSTAGE_VOLUME")),
        info,
      });
    });
    return this.#options.clock.now() + REPUBLISH_EVERY;
  }

  async #usage({ name, source, isBlock, isInline }: Wish, target: string): Promise<VolumeUsage> {
    const driver = this.#options.drivers.need(source.driver);
    if (!(await driver.can("GET_VOLUME_STATS"))) throw new Error(`${source.driver} tells no usage`);
    const isStaged = !isInline && (await driver.can("STAGE_UNSTAGE_VOLUME"));
    return driver.usage(source.volumeHandle, target, isStaged ? this.#staging(source, name, isBlock) : undefined);
  }

  async #about(driver: string): Promise<CSIDriver["spec"] | undefined> {
    try {
      return (await this.#options.client.get(CSIDriver, { name: driver })).spec;
    } catch (error) {
      if (isNotFound(error)) return undefined; // a driver need not say anything about itself
      throw error;
    }
  }

  // --- undoing ---

  async #unstage(driver: CsiDriver, published: Published): Promise<void> {
    const { volumeHandle, specVolID, isBlock, isStaged, driverName } = published;
    if (!isStaged) return;
    const staging = this.#staging({ driver: driverName, volumeHandle }, specVolID, isBlock);
    await driver.unstage(volumeHandle, staging);
    await removeEmpty(staging);
    if (!isBlock) await removeEmpty(dirname(staging));
    this.#staged.delete(keyOf(published));
  }

  #pods(): Promise<string[]> {
    return readdir(this.#options.podsDirectory).catch(() => []);
  }
  async #isUsedElsewhere(published: Published, podUid: string): Promise<boolean> {
    const others = (await this.#pods()).filter((uid) => uid !== podUid);
    const all = await Promise.all(others.map((uid) => readPublished(this.#folder(uid))));
    return all.flat().some((it) => keyOf(it) === keyOf(published));
  }

  // --- places ---

  #folder(podUid: string): string {
    return join(this.#options.volumesDirectory(podUid), PLUGIN);
  }
  #target(podUid: string, name: string, isBlock: boolean): string {
    const devices = join(this.#options.pluginsDirectory, "kubernetes.io", "csi", "volumeDevices", "publish");
    return isBlock ? join(devices, name, podUid) : join(this.#folder(podUid), name, "mount");
  }
  #staging({ driver, volumeHandle }: { driver: string; volumeHandle: string }, name: string, isBlock: boolean): string {
    const base = join(this.#options.pluginsDirectory, "kubernetes.io", "csi");
    if (isBlock) return join(base, "volumeDevices", "staging", name);
    return join(base, driver, createHash("sha256").update(volumeHandle).digest("hex"), "globalmount");
  }

  /** One after the other for each volume of a driver. */
  #alone<T>(volume: { driverName: string; volumeHandle: string }, work: () => Promise<T>): Promise<T> {
    return this.#turns.take(keyOf(volume), work);
  }
}

interface PublishHow {
  target: string;
  volumeCapability: VolumeCapability;
  publishContext: Readonly<Record<string, string>>;
  isStaged: boolean;
  info: CSIDriver["spec"] | undefined;
}

const keyOf = ({ driverName, volumeHandle }: { driverName: string; volumeHandle: string }): string =>
  uniqueVolumeName(driverName, volumeHandle).slice("kubernetes.io/csi/".length);

const groupOf = (pod: Pod): number | undefined => pod.spec.securityContext?.fsGroup;

function mustBeInline(driver: string, info: CSIDriver["spec"] | undefined): void {
  const modes = info?.volumeLifecycleModes;
  if (modes?.includes("Ephemeral")) return;
  const why = info
    ? `only supports [${(modes ?? ["Persistent"]).map((it) => `"${it}"`).join(" ")}]`
    : "no CSIDriver object";
  const text = "kubernetes.io/csi: mounter.SetUpAt failed to check volume lifecycle mode";
  throw new Error(`${text}: volume mode "Ephemeral" not supported by driver ${driver} (${why})`);
}

/** A folder (or file) that a driver should have emptied: what is still mounted or full is not touched. */
async function removeEmpty(path: string): Promise<void> {
  await rmdir(path).catch(async (error: { code?: string }) => {
    if (error.code === "ENOTDIR") return rm(path);
    if (error.code !== "ENOENT") throw error;
  });
}
