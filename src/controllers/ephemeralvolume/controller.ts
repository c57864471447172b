import { PersistentVolumeClaim, Pod, type Volume } from "../../api/core/v1/index.ts";
import { type Controller, controller, done, type ReconcileContext, watch } from "../../client/index.ts";
import { controllerReference } from "../ownership.ts";
import { isTerminal } from "../pods.ts";
import { ephemeralClaimName } from "../storage.ts";

/** Makes the claims of Pods' ephemeral volumes; the garbage collector removes them with their Pod. */
export const ephemeralVolumeController: Controller = controller({
  name: "ephemeral-volume",
  for: Pod,
  when: (pod, old) => pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp,
  watches: [watch(PersistentVolumeClaim, podOf, () => false)],
  async reconcile(pod, context) {
    if (pod.metadata.deletionTimestamp || isTerminal(pod)) return done;
    for (const volume of pod.spec.volumes ?? []) if (volume.ephemeral) await makeClaim(pod, volume, context);
    return done;
  },
});

/** A claim that is gone is made again while its Pod lasts. */
function podOf({ metadata }: PersistentVolumeClaim) {
  const owner = metadata.ownerReferences?.find(({ kind, controller }) => controller && kind === Pod.kind);
  return owner ? [{ namespace: metadata.namespace, name: owner.name }] : [];
}

async function makeClaim(pod: Pod, { name, ephemeral }: Volume, { client, view, events }: ReconcileContext) {
  const { namespace } = pod.metadata;
  const claimName = ephemeralClaimName(pod.metadata.name ?? "", name);
  const found = view.get(PersistentVolumeClaim, { namespace, name: claimName });
  if (found) return refuseForeign(found, pod);
  const { metadata, spec } = ephemeral!.volumeClaimTemplate!;
  const { labels, annotations } = metadata ?? {};
  const claim = {
    metadata: { namespace, name: claimName, labels, annotations, ownerReferences: [controllerReference(Pod, pod)] },
    spec,
    status: {},
  };
  try {
    await client.create(PersistentVolumeClaim, claim);
  } catch (error) {
    const text = `ephemeral volume ${name}: create PVC ${claimName}: ${(error as Error).message}`;
    events.event(pod, "Warning", "FailedBinding", text);
    throw error;
  }
}

/** A claim of that name which is somebody else's is never used. */
function refuseForeign({ metadata }: PersistentVolumeClaim, pod: Pod): void {
  if (metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === pod.metadata.uid)) return;
  const [claim, owner] = [metadata, pod.metadata].map(({ namespace, name }) => `${namespace}/${name}`);
  throw new Error(`PVC "${claim}" was not created for pod "${owner}" (pod is not owner)`);
}
