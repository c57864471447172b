import { type Infer, list, map, message, string, struct, time } from "../../../apimachinery/schema.ts";

export const PersistentVolumeClaimCondition = message("io.k8s.api.core.v1.PersistentVolumeClaimCondition", {
  type: string(1).always.required,
  status: string(2).always.required,
  lastProbeTime: time(3).optional,
  lastTransitionTime: time(4).optional,
  reason: string(5),
  message: string(6),
});
export interface PersistentVolumeClaimCondition extends Infer<typeof PersistentVolumeClaimCondition> {}

export const ModifyVolumeStatus = message("io.k8s.api.core.v1.ModifyVolumeStatus", {
  targetVolumeAttributesClassName: string(1),
  status: string(2).always.required,
});
export interface ModifyVolumeStatus extends Infer<typeof ModifyVolumeStatus> {}

export const PersistentVolumeClaimStatus = message("io.k8s.api.core.v1.PersistentVolumeClaimStatus", {
  phase: string(1),
  accessModes: list(2, "string").atomicList,
  capacity: map(3, "quantity"),
  conditions: list(4, PersistentVolumeClaimCondition).listMap("type").merge("type"),
  allocatedResources: map(5, "quantity"),
  allocatedResourceStatuses: map(7, "string"),
  currentVolumeAttributesClassName: string(8),
  modifyVolumeStatus: struct(9, ModifyVolumeStatus).optional,
});
export interface PersistentVolumeClaimStatus extends Infer<typeof PersistentVolumeClaimStatus> {}
