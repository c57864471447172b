import { PersistentVolume, PersistentVolumeClaim } from "../../api/core/v1/index.ts";
import { LOCAL_PROVISIONER } from "../../api/storage/v1/index.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import { type Controller, controller, done, type ReconcileContext, watch } from "../../client/index.ts";
import { resized, resizePending, resizing } from "../resizing.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { capacityOf, isFor, PROVISIONED_BY, requestOf } from "../storage.ts";

const RESIZER = "volume.kubernetes.io/storage-resizer";

/** Gives claims the further storage that they ask for; volumes of other provisioners are left to their own resizers. */
export const expandController: Controller = controller({
  name: "volume-expand",
  for: PersistentVolumeClaim,
  watches: [
    watch(PersistentVolume, ({ spec: { claimRef } }) =>
      claimRef ? [{ namespace: claimRef.namespace, name: claimRef.name ?? "" }] : [],
    ),
  ],
  async reconcile(claim, context) {
    const volume = context.view.get(PersistentVolume, { name: claim.spec.volumeName ?? "" });
    if (!volume || claim.status.phase !== "Bound" || !isFor(volume, claim)) return done;
    const has = parseQuantity(claim.status.capacity?.storage ?? "0");
    if (requestOf(claim).compare(has) <= 0 || claim.metadata.deletionTimestamp) return done;
    if (volume.metadata.annotations?.[PROVISIONED_BY] === LOCAL_PROVISIONER) await expand(claim, volume, context);
    else await leaveToOthers(claim, volume, context);
    return done;
  },
});

async function leaveToOthers(claim: PersistentVolumeClaim, volume: PersistentVolume, { events }: ReconcileContext) {
  // a claim that someone works on already needs no hint
  if (claim.metadata.annotations?.[RESIZER] || claim.status.allocatedResourceStatuses?.storage) return;
  if (capacityOf(volume).compare(requestOf(claim)) >= 0) return;
  events.event(claim, "Normal", "ExternalExpanding", "waiting for an external controller to expand this PVC");
}

/**
 * A folder has room as its disk has: what grows is what is promised. A volume with a file system of its own is for its
 * node to enlarge. Each step is told before the next is taken.
 */
async function expand(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  { client, clock, events }: ReconcileContext,
) {
  const storage = claim.spec.resources!.requests!.storage!;
  const name = volume.metadata.name;
  const isNodes = volume.spec.local?.fsType !== undefined;
  const isLargeEnough = capacityOf(volume).compare(requestOf(claim)) >= 0;
  if (isNodes && isLargeEnough) return;
  const begun = resizing(claim.status, storage, clock.now());
  let current = claim;
  if (!sameWhenWritten(begun, claim.status)) {
    current = await client.updateStatus(PersistentVolumeClaim, { ...claim, status: begun });
    events.event(claim, "Normal", "Resizing", `External resizer is resizing volume ${name}`);
  }
  if (isNodes) {
    const status = resizePending(current.status, storage, clock.now());
    current = await client.updateStatus(PersistentVolumeClaim, { ...current, status });
  }
  if (!isLargeEnough) {
    const spec = { ...volume.spec, capacity: { ...volume.spec.capacity, storage } };
    await client.update(PersistentVolume, { ...volume, spec });
  }
  if (isNodes) {
    events.event(claim, "Normal", "FileSystemResizeRequired", "Require file system resize of volume on node");
    return;
  }
  await client.updateStatus(PersistentVolumeClaim, { ...current, status: resized(current.status, storage) });
  events.event(claim, "Normal", "VolumeResizeSuccessful", "Resize volume succeeded");
}
