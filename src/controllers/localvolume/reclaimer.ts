import { Node, PersistentVolume } from "../../api/core/v1/index.ts";
import { LOCAL_PROVISIONER, LOCAL_VOLUME_FINALIZER, LOCAL_VOLUME_NODE } from "../../api/storage/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { type Controller, controller, done, type ReconcileContext, watch } from "../../client/index.ts";
import { PROVISIONED_BY } from "../storage.ts";
import { hostnameOf } from "./placement.ts";

/**
 * Deletes local volumes whose claim is gone. Their node removes the folder and then its finalizer; where the node
 * itself is gone from the cluster, so is what it kept.
 */
export const localReclaimer: Controller = controller({
  name: "local-volume",
  for: PersistentVolume,
  watches: [
    watch(
      Node,
      (node, view) =>
        view
          .byIndex(PersistentVolume, "local-node", hostnameOf(node))
          .map(({ metadata }) => ({ name: metadata.name! })),
      () => false,
    ),
  ],
  prepare(view) {
    view.addIndex(PersistentVolume, "local-node", ({ metadata }) => {
      const node = metadata.labels?.[LOCAL_VOLUME_NODE];
      return node === undefined ? [] : [node];
    });
  },
  async reconcile(volume, context) {
    const { metadata, spec, status } = volume;
    if (metadata.annotations?.[PROVISIONED_BY] !== LOCAL_PROVISIONER) return done;
    if (metadata.deletionTimestamp) await forgetLost(volume, context);
    else if (status.phase === "Released" && spec.persistentVolumeReclaimPolicy === "Delete") {
      const { uid } = metadata;
      await context.client
        .delete(PersistentVolume, { name: metadata.name! }, { preconditions: { uid } })
        .catch((error) => {
          if (!isNotFound(error)) throw error;
        });
    }
    return done;
  },
});

async function forgetLost(volume: PersistentVolume, { client, view }: ReconcileContext): Promise<void> {
  const { metadata } = volume;
  if (!metadata.finalizers?.includes(LOCAL_VOLUME_FINALIZER)) return;
  const hostname = metadata.labels?.[LOCAL_VOLUME_NODE];
  const isThere = (nodes: readonly Node[]) => nodes.some((node) => hostnameOf(node) === hostname);
  // what is not seen may be new
  if (isThere(view.list(Node)) || isThere((await client.list(Node)).items)) return;
  const finalizers = metadata.finalizers.filter((name) => name !== LOCAL_VOLUME_FINALIZER);
  await client.update(PersistentVolume, { ...volume, metadata: { ...metadata, finalizers } });
}
