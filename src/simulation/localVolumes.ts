import { PersistentVolume } from "../api/core/v1/index.ts";
import { LOCAL_VOLUME_FINALIZER, LOCAL_VOLUME_NODE } from "../api/storage/v1/index.ts";
import { isConflict, isNotFound } from "../apimachinery/status.ts";
import type { Runtime } from "../client/index.ts";

/**
 * Plays a node's part for its local volumes: there is no folder to remove, so volumes that leave are let go at once.
 * Answers how to stop.
 */
export function letVolumesGo({ client, informers, logger }: Runtime, keeps: (hostname: string) => boolean): () => void {
  const look = (volume: PersistentVolume) => {
    const { name = "", labels, finalizers, deletionTimestamp, resourceVersion } = volume.metadata;
    if (!deletionTimestamp || !finalizers?.includes(LOCAL_VOLUME_FINALIZER)) return;
    if (!keeps(labels?.[LOCAL_VOLUME_NODE] ?? "")) return;
    const metadata = { resourceVersion, finalizers: finalizers.filter((one) => one !== LOCAL_VOLUME_FINALIZER) };
    client.patch(PersistentVolume, { name }, "merge", { metadata }).catch((error) => {
      // another write comes first, and is looked at in its turn
      if (!isConflict(error) && !isNotFound(error)) logger.warn("volume not let go", { name, error });
    });
  };
  return informers.informer(PersistentVolume).subscribe({ added: look, updated: look });
}
