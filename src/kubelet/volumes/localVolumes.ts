import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PersistentVolume } from "../../api/core/v1/index.ts";
import { LOCAL_VOLUME_FINALIZER, LOCAL_VOLUME_NODE } from "../../api/storage/v1/index.ts";
import { isConflict, isNotFound } from "../../apimachinery/status.ts";
import { aborted, type Client, type EventRecorder, type Informers, WorkQueue } from "../../client/index.ts";
import type { Clock } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import { imageOf } from "./sizedVolumes.ts";

export interface LocalVolumesOptions {
  client: Client;
  informers: Informers;
  clock: Clock;
  logger: Logger;
  recorder: EventRecorder;
  /** the node's label kubernetes.io/hostname */
  hostname: string;
  /** where the node keeps its local volumes */
  directory: string;
}

/** What is being removed is set aside first: a folder is there whole or not at all. */
const REMOVED = ".removed-";

/**
 * The node's half of the default storage class: when a volume of this node leaves, its folder is removed, and only then
 * is its object let go. What was interrupted is found again, in the API or by its name in the folder.
 */
export async function keepLocalVolumes(options: LocalVolumesOptions, signal: AbortSignal): Promise<void> {
  const { informers, clock, logger, hostname, directory } = options;
  await mkdir(directory, { recursive: true, mode: 0o755 });
  await removeSetAside(directory);
  const volumes = informers.informer(PersistentVolume, { labelSelector: `${LOCAL_VOLUME_NODE}=${hostname}` });
  const queue = new WorkQueue({
    clock,
    process: async (name) => {
      const volume = volumes.get({ name });
      try {
        if (volume && isLeaving(volume)) await letGo(volume, options);
        queue.forget(name);
      } catch (error) {
        if (!isConflict(error)) logger.warn("local volume not removed", { volume: name, error });
        queue.retry(name);
      }
    },
  });
  const look = ({ metadata }: PersistentVolume) => queue.add(metadata.name!);
  const unsubscribe = volumes.subscribe({ added: look, updated: look });
  await aborted(signal);
  unsubscribe();
  await queue.stop();
}

const isLeaving = ({ metadata }: PersistentVolume): boolean =>
  metadata.deletionTimestamp !== undefined && !!metadata.finalizers?.includes(LOCAL_VOLUME_FINALIZER);

async function removeSetAside(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(REMOVED)) await rm(join(directory, name), { recursive: true, force: true });
  }
}

async function letGo(volume: PersistentVolume, { client, recorder, directory }: LocalVolumesOptions): Promise<void> {
  const { metadata, spec, status } = volume;
  if (status.phase === "Bound") return; // its claim comes first
  const path = spec.local?.path ?? "";
  // only what this node made, and only when nobody asked that it be kept
  if (spec.persistentVolumeReclaimPolicy === "Delete" && dirname(path) === directory) {
    try {
      await removeFolder(path);
    } catch (error) {
      recorder.event(volume, "Warning", "VolumeFailedDelete", (error as Error).message);
      throw error;
    }
  }
  const finalizers = metadata.finalizers!.filter((name) => name !== LOCAL_VOLUME_FINALIZER);
  const { name = "", resourceVersion } = metadata;
  await client
    .patch(PersistentVolume, { name }, "merge", { metadata: { resourceVersion, finalizers } })
    .catch((error) => {
      if (!isNotFound(error)) throw error;
    });
}

async function removeFolder(path: string): Promise<void> {
  const aside = join(dirname(path), `${REMOVED}${path.slice(dirname(path).length + 1)}`);
  await rename(path, aside).catch((error: { code?: string }) => {
    if (error.code !== "ENOENT") throw error; // never made, or removed by an earlier attempt
  });
  await rm(aside, { recursive: true, force: true });
  await rm(imageOf(path), { force: true });
}
