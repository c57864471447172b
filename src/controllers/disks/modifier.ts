import {
  type ModifyVolumeStatus,
  PersistentVolume,
  PersistentVolumeClaim,
  type PersistentVolumeClaimCondition,
} from "../../api/core/v1/index.ts";
import { DISK_DRIVER, VolumeAttributesClass } from "../../api/storage/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { type Controller, controller, done, type ReconcileContext, type View, watch } from "../../client/index.ts";
import { withCondition, withoutCondition } from "../conditions.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { isFor } from "../storage.ts";

const MODIFYING = "ModifyingVolume";
const FAILED = "ModifyVolumeError";

/**
 * Answers claims of disks that ask for another VolumeAttributesClass. The disks of disk.coxswain.io have no attributes
 * that could be changed, so no class is ever applied: one that does not exist is waited for, all others are infeasible.
 */
export const diskModifier: Controller = controller({
  name: "disk",
  for: PersistentVolumeClaim,
  reads: [PersistentVolume],
  watches: [
    watch(VolumeAttributesClass, ({ metadata }, view) =>
      view
        .byIndex(PersistentVolumeClaim, "wished-attributes", metadata.name ?? "")
        .map((claim) => ({ namespace: claim.metadata.namespace, name: claim.metadata.name ?? "" })),
    ),
  ],
  prepare(view) {
    view.addIndex(PersistentVolumeClaim, "wished-attributes", ({ spec }) =>
      spec.volumeAttributesClassName ? [spec.volumeAttributesClassName] : [],
    );
  },
  async reconcile(claim, context) {
    const volume = context.view.get(PersistentVolume, { name: claim.spec.volumeName ?? "" });
    const isOurs = volume?.spec.csi?.driver === DISK_DRIVER && isFor(volume, claim);
    if (!isOurs || claim.status.phase !== "Bound" || claim.metadata.deletionTimestamp) return done;
    await tell(claim, context);
    return done;
  },
});

async function tell(claim: PersistentVolumeClaim, { client, clock, view, events }: ReconcileContext): Promise<void> {
  const wished = claim.spec.volumeAttributesClassName ?? "";
  const { modifyVolumeStatus: old, ...rest } = claim.status;
  const why = wished === (rest.currentVolumeAttributesClassName ?? "") ? undefined : whyNot(wished, view);
  const conditions = withoutCondition(rest.conditions, MODIFYING);
  const condition = why && {
    type: FAILED,
    status: "True" as const,
    message: `ModifyVolume failed with error: ${why.message}. Waiting for retry.`,
    lastTransitionTime: formatTime(clock.now()),
  };
  const status = {
    ...rest,
    conditions: condition
      ? withCondition(conditions, condition as PersistentVolumeClaimCondition)
      : withoutCondition(conditions, FAILED),
    ...(why ? { modifyVolumeStatus: { targetVolumeAttributesClassName: wished, status: why.status } } : {}),
  };
  const before = { ...claim.status, conditions: claim.status.conditions ?? [] };
  if (sameWhenWritten(status, before)) return;
  await client.updateStatus(PersistentVolumeClaim, { ...claim, status });
  const isNew = why && (old?.status !== why.status || old.targetVolumeAttributesClassName !== wished);
  if (isNew) events.event(claim, "Warning", "VolumeModifyFailed", why.message);
}

function whyNot(name: string, view: View): { status: ModifyVolumeStatus["status"]; message: string } {
  const found = view.get(VolumeAttributesClass, { name });
  if (!found) return { status: "Pending", message: `VAC ${name} does not exist.` };
  const message =
    found.driverName === DISK_DRIVER
      ? `VAC ${name}: disks of ${DISK_DRIVER} have no parameter ${Object.keys(found.parameters ?? {})[0]}`
      : `VAC ${name} is for the driver ${found.driverName}, not for ${DISK_DRIVER}`;
  return { status: "Infeasible", message };
}
