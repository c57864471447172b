import { PersistentVolume, PersistentVolumeClaim, type Pod, type Volume } from "../../api/core/v1/index.ts";
import type { Client, EventRecorder } from "../../client/index.ts";
import type { Clock } from "../../util/clock.ts";
import { claimNameOf } from "./claims.ts";

const LOOK_EVERY = 5000;
const REST = 120_000;
const PENDING = "FileSystemResizePending";
const OF_RESIZING = [PENDING, "Resizing", "NodeResizeError"];

export interface FileSystemSizesOptions {
  client: Client;
  clock: Clock;
  recorder: EventRecorder;
  /** whether anything is in use here that may grow */
  isNeeded(): boolean;
  /** makes what is on a volume of a Pod as large as the volume; undefined when it is none that grows */
  enlarge(volume: PersistentVolume, pod: Pod): Promise<void> | undefined;
  nodeName: string;
  /** Pods whose containers run here */
  pods(): readonly Pod[];
}

/** Enlarges file systems whose disks have become larger while they are in use, and says so in their claims. */
export async function keepFileSystemSizes(options: FileSystemSizesOptions, signal: AbortSignal): Promise<void> {
  const { clock, recorder, nodeName, pods } = options;
  /** by Pod and volume: until when nothing is tried again */
  const rests = new Map<string, number>();
  while (!signal.aborted) {
    await clock.pause(LOOK_EVERY, signal);
    if (signal.aborted || !options.isNeeded()) continue;
    for (const pod of pods()) {
      for (const volume of pod.spec.volumes ?? []) {
        if (claimNameOf(pod, volume) === undefined) continue;
        const key = `${pod.metadata.uid}/${volume.name}`;
        if ((rests.get(key) ?? 0) > clock.now()) continue;
        rests.delete(key);
        await look(pod, volume, options).catch((error: Error) => {
          rests.set(key, clock.now() + REST);
          const text = `NodeExpandVolume failed for volume "${volume.name}" ${nodeName}: ${error.message}`;
          recorder.event(pod, "Warning", "VolumeResizeFailed", text);
        });
      }
    }
  }
}

async function look(pod: Pod, volume: Volume, options: FileSystemSizesOptions): Promise<void> {
  const { client, recorder, nodeName } = options;
  const key = { namespace: pod.metadata.namespace, name: claimNameOf(pod, volume)! };
  const claim = await client.get(PersistentVolumeClaim, key);
  if (!claim.status.conditions?.some(({ type, status }) => type === PENDING && status === "True")) return;
  const found = await client.get(PersistentVolume, { name: claim.spec.volumeName ?? "" });
  const enlarged = options.enlarge(found, pod);
  if (!enlarged) return;
  await enlarged;
  const { storage: _, ...others } = claim.status.allocatedResourceStatuses ?? {};
  const status = {
    ...claim.status,
    capacity: { ...claim.status.capacity, storage: found.spec.capacity!.storage! },
    conditions: claim.status.conditions.filter(({ type }) => !OF_RESIZING.includes(type)),
    allocatedResourceStatuses: others,
  };
  await client.updateStatus(PersistentVolumeClaim, { ...claim, status });
  const text = `MountVolume.NodeExpandVolume succeeded for volume "${found.metadata.name}" ${nodeName}`;
  for (const object of [pod, claim]) recorder.event(object, "Normal", "FileSystemResizeSuccessful", text);
}
