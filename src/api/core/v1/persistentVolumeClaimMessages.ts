import { type Infer, list, map, message, string, struct, time } from "../../../apimachinery/schema.ts";

export const PersistentVolumeClaimCondition = message(
  "io.k8s.api.core.v1.PersistentVolumeClaimCondition",
  {
    type: string(1)
      .named("PersistentVolumeClaimConditionType")
      .always.required.doc("What the condition is about, such as Resizing or FileSystemResizePending."),
    status: string(2).named("ConditionStatus").always.required.doc("True, False or Unknown."),
    lastProbeTime: time(3).always.doc("When it was last looked at."),
    lastTransitionTime: time(4).always.doc("When the status last changed."),
    reason: string(5).doc("A word for programs."),
    message: string(6).doc("A sentence for people."),
  },
  { doc: "One aspect of a claim's state." },
);
export interface PersistentVolumeClaimCondition extends Infer<typeof PersistentVolumeClaimCondition> {}

export const ModifyVolumeStatus = message(
  "io.k8s.api.core.v1.ModifyVolumeStatus",
  {
    targetVolumeAttributesClassName: string(1).doc("The class that is being applied."),
    status: string(2)
      .named("PersistentVolumeClaimModifyVolumeStatus")
      .always.required.doc("Pending, InProgress or Infeasible."),
  },
  { doc: "How far the change to another VolumeAttributesClass is." },
);
export interface ModifyVolumeStatus extends Infer<typeof ModifyVolumeStatus> {}

export const PersistentVolumeClaimStatus = message(
  "io.k8s.api.core.v1.PersistentVolumeClaimStatus",
  {
    phase: string(1).named("PersistentVolumeClaimPhase").doc("Pending, Bound, or Lost when its volume is gone."),
    accessModes: list(2, "string")
      .named("PersistentVolumeAccessMode")
      .atomicList.doc("The ways in which the volume that serves it can be mounted."),
    capacity: map(3, "quantity").named("ResourceName").doc("How much the volume holds now."),
    conditions: list(4, PersistentVolumeClaimCondition)
      .listMap("type")
      .merge("type")
      .doc("Further aspects, such as a change of size under way."),
    allocatedResources: map(5, "quantity")
      .named("ResourceName")
      .doc("How much was last asked of the storage; while a change of size is under way it is more than capacity."),
    allocatedResourceStatuses: map(7, "string")
      .named("ClaimResourceStatus")
      .granularMap.doc("How far the change of each resource is, such as NodeResizePending."),
    currentVolumeAttributesClassName: string(8).optional.doc("The VolumeAttributesClass in force."),
    modifyVolumeStatus: struct(9, ModifyVolumeStatus).optional.doc(
      "The change to another VolumeAttributesClass under way.",
    ),
  },
  { doc: "What became of a claim." },
);
export interface PersistentVolumeClaimStatus extends Infer<typeof PersistentVolumeClaimStatus> {}
