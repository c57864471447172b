import { PersistentVolume, PersistentVolumeClaim, type PersistentVolumeStatus } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import {
  type Client,
  type Controller,
  controller,
  done,
  type ObjectKey,
  type ReconcileContext,
  type View,
  watch,
} from "../../client/index.ts";
import { annotated, BOUND_BY_CONTROLLER, byClaim, claimKey, hasAnnotation, PROVISIONED_BY } from "../storage.ts";

type Volume = PersistentVolume;

/** Keeps each volume's phase true, gives back what was bound in vain, and sees to what its claim has left. */
export const volumeBinder: Controller = controller({
  name: "persistentvolume",
  for: PersistentVolume,
  watches: [watch(PersistentVolumeClaim, volumesConcerned)],
  prepare(view) {
    view.addIndex(PersistentVolume, "claim", byClaim);
  },
  async reconcile(volume, context) {
    const { claimRef } = volume.spec;
    if (!claimRef?.uid) return setPhase(volume, { phase: "Available" }, context.client);
    const claim = await claimOf(volume, context);
    if (claim?.metadata.uid !== claimRef.uid) return release(volume, context);
    const { volumeName } = claim.spec;
    // not bound yet: the claim's own controller is about to do it
    if (!volumeName) return done;
    if (volumeName === volume.metadata.name) return setPhase(volume, { phase: "Bound" }, context.client);
    return giveBack(volume, context);
  },
});

function volumesConcerned({ metadata, spec }: PersistentVolumeClaim, view: View): ObjectKey[] {
  const names = view.byIndex(PersistentVolume, "claim", claimKey(metadata)).map((volume) => volume.metadata.name ?? "");
  return [...names, ...(spec.volumeName ? [spec.volumeName] : [])].map((name) => ({ name }));
}

/** What is not seen may be new: data is given up only when the server itself says that its claim is gone. */
async function claimOf(
  { spec }: Volume,
  { client, view }: ReconcileContext,
): Promise<PersistentVolumeClaim | undefined> {
  const key = { namespace: spec.claimRef?.namespace, name: spec.claimRef?.name ?? "" };
  const seen = view.get(PersistentVolumeClaim, key);
  if (seen?.metadata.uid === spec.claimRef?.uid) return seen;
  return client.get(PersistentVolumeClaim, key).catch((error) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
}

async function setPhase(volume: Volume, to: PersistentVolumeStatus, client: Client): Promise<typeof done> {
  const { phase, reason, message, ...rest } = volume.status;
  if (phase === to.phase && (to.message === undefined || message === to.message)) return done;
  await client.updateStatus(PersistentVolume, { ...volume, status: { ...rest, ...to } });
  return done;
}

/** The claim is gone: the volume is no longer free, and what it holds is kept, or removed by who provisioned it. */
async function release(volume: Volume, context: ReconcileContext): Promise<typeof done> {
  const { client } = context;
  const { phase } = volume.status;
  if (phase !== "Released" && phase !== "Failed") return setPhase(volume, { phase: "Released" }, client);
  if (phase === "Failed") return done;
  const name = volume.metadata.name;
  switch (volume.spec.persistentVolumeReclaimPolicy) {
    case "Recycle":
      return fail(volume, "VolumeFailedRecycle", "No recycler plugin found!", context);
    case "Delete": {
      if (hasAnnotation(volume, PROVISIONED_BY)) return done;
      const why = `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`;
      return fail(volume, "VolumeFailedDelete", why, context);
    }
    default:
      return done;
  }
}

async function fail(volume: Volume, reason: string, message: string, { client, events }: ReconcileContext) {
  events.event(volume, "Warning", reason, message);
  return setPhase(volume, { phase: "Failed", message }, client);
}

/** The claim has another volume: this one is free again, or superfluous when it was made for that claim. */
async function giveBack(volume: Volume, { client }: ReconcileContext): Promise<typeof done> {
  if (hasAnnotation(volume, PROVISIONED_BY) && volume.spec.persistentVolumeReclaimPolicy === "Delete") {
    if (volume.status.phase === "Released") return done;
    return setPhase(volume, { phase: "Released" }, client);
  }
  const { claimRef, ...spec } = volume.spec;
  if (hasAnnotation(volume, BOUND_BY_CONTROLLER)) {
    await client.update(PersistentVolume, annotated({ ...volume, spec }, { [BOUND_BY_CONTROLLER]: undefined }));
  } else {
    // whoever made it keeps it for a claim of this name
    const { uid: _, resourceVersion: __, ...kept } = claimRef!;
    await client.update(PersistentVolume, { ...volume, spec: { ...spec, claimRef: kept } });
  }
  return done;
}
