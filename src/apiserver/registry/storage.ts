import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../../api/core/v1/index.ts";
import type { CSIDriver, VolumeAttachment } from "../../api/storage/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { Strategy } from "./resource.ts";

/** Volumes begin Pending; each change of phase is stamped. */
export const persistentVolumeStrategy: Strategy<PersistentVolume> = {
  answersDeleted: true,
  prepareCreate(volume, { now }) {
    volume.status = { phase: "Pending", lastPhaseTransitionTime: formatTime(now) };
  },
  prepareStatusUpdate({ status }, { status: old }, { now }) {
    if (status.phase === old.phase) return;
    if (status.lastPhaseTransitionTime && status.lastPhaseTransitionTime !== old.lastPhaseTransitionTime) return;
    status.lastPhaseTransitionTime = formatTime(now);
  },
};

/** A claim's source is told in two fields, of which either may be set; both are kept. */
function alignDataSources(spec: PersistentVolumeClaimSpec): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  if (!dataSourceRef || dataSource || dataSourceRef.namespace) return;
  const { apiGroup, kind, name } = dataSourceRef;
  spec.dataSource = { ...(apiGroup !== undefined && { apiGroup }), kind, name };
}

export const persistentVolumeClaimStrategy: Strategy<PersistentVolumeClaim> = {
  answersDeleted: true,
  prepareCreate(claim) {
    claim.status = { phase: "Pending" };
    alignDataSources(claim.spec);
  },
  prepareUpdate(claim) {
    alignDataSources(claim.spec);
  },
};

export const volumeAttachmentStrategy: Strategy<VolumeAttachment> = {
  answersDeleted: true,
  unconditionalUpdate: false,
  prepareCreate(attachment) {
    attachment.status = { attached: false };
  },
};

/** Only changes are counted: a new driver has no generation. */
export const csiDriverStrategy: Strategy<CSIDriver> = {
  answersDeleted: true,
  unconditionalUpdate: false,
  prepareUpdate({ metadata, spec }, old) {
    if (!deepEqual(spec, old.spec)) metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
};
