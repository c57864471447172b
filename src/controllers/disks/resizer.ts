import { PersistentVolume, PersistentVolumeClaim } from "../../api/core/v1/index.ts";
import { DISK_DRIVER } from "../../api/storage/v1/index.ts";
import { type Controller, controller, done, type ReconcileContext, watch } from "../../client/index.ts";
import { resized, resizePending, resizing } from "../resizing.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { byClaim, capacityOf, isFor, requestOf } from "../storage.ts";
import type { Disks } from "./disks.ts";

/** Makes disks larger whose claims ask for more; the file system on one is the node's to enlarge. */
export function diskResizer(disks: Disks): Controller {
  return controller({
    name: "disk",
    for: PersistentVolumeClaim,
    watches: [
      watch(PersistentVolume, (volume) =>
        byClaim(volume).map(() => ({
          namespace: volume.spec.claimRef?.namespace,
          name: volume.spec.claimRef?.name ?? "",
        })),
      ),
    ],
    async reconcile(claim, context) {
      const volume = context.view.get(PersistentVolume, { name: claim.spec.volumeName ?? "" });
      if (volume?.spec.csi?.driver !== DISK_DRIVER || claim.status.phase !== "Bound" || !isFor(volume, claim))
        return done;
      if (capacityOf(volume).compare(requestOf(claim)) < 0) await enlarge(claim, volume, disks, context);
      return done;
    },
  });
}

async function enlarge(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  disks: Disks,
  context: ReconcileContext,
) {
  const { client, clock, events } = context;
  const storage = claim.spec.resources!.requests!.storage!;
  const status = resizing(claim.status, storage, clock.now());
  let current = claim;
  if (!sameWhenWritten(status, claim.status)) {
    current = await client.updateStatus(PersistentVolumeClaim, { ...claim, status });
    events.event(claim, "Normal", "Resizing", `External resizer is resizing volume ${volume.metadata.name}`);
  }
  try {
    await disks.resize(volume.spec.csi!.volumeHandle, Number(requestOf(claim).value()));
  } catch (error) {
    const text = `resize volume "${volume.metadata.name}" by resizer "${DISK_DRIVER}" failed: ${(error as Error).message}`;
    events.event(claim, "Warning", "VolumeResizeFailed", text);
    throw error;
  }
  const isBlock = volume.spec.volumeMode === "Block";
  const next = isBlock ? resized(current.status, storage) : resizePending(current.status, storage, clock.now());
  await client.updateStatus(PersistentVolumeClaim, { ...current, status: next });
  // last, as it is what tells that this is done
  const spec = { ...volume.spec, capacity: { ...volume.spec.capacity, storage } };
  await client.update(PersistentVolume, { ...volume, spec });
  if (isBlock) events.event(claim, "Normal", "VolumeResizeSuccessful", "Resize volume succeeded");
  else events.event(claim, "Normal", "FileSystemResizeRequired", "Require file system resize of volume on node");
}
