import { LabelSelector, ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { TypedLocalObjectReference, TypedObjectReference } from "./references.ts";

export const VolumeResourceRequirements = message(
  "io.k8s.api.core.v1.VolumeResourceRequirements",
  {
    limits: map(1, "quantity").doc("The most that may be used."),
    requests: map(2, "quantity").doc("What is asked for."),
  },
  { doc: "How much storage is asked for." },
);
export interface VolumeResourceRequirements extends Infer<typeof VolumeResourceRequirements> {}

export const PersistentVolumeClaimSpec = message(
  "io.k8s.api.core.v1.PersistentVolumeClaimSpec",
  {
    accessModes: list(1, "string")
      .named("PersistentVolumeAccessMode")
      .atomicList.doc("How the volume is to be used: ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod."),
    resources: struct(2, VolumeResourceRequirements).doc("How much; requests.storage must be set."),
    volumeName: string(3).doc("The volume that serves this claim."),
    selector: struct(4, LabelSelector).optional.doc("Which volumes are considered."),
    storageClassName: string(5).optional.doc("The storage class."),
    volumeMode: string(6).named("PersistentVolumeMode").optional.doc("Filesystem, or Block for a raw device."),
    dataSource: struct(7, TypedLocalObjectReference).optional.doc(
      "What the new volume is to hold: a snapshot or another claim.",
    ),
    dataSourceRef: struct(8, TypedObjectReference).optional.doc("The same, for any kind of object."),
    volumeAttributesClassName: string(9).optional.doc("The class of attributes that can change while it is used."),
  },
  { doc: "What is asked of storage." },
);
export interface PersistentVolumeClaimSpec extends Infer<typeof PersistentVolumeClaimSpec> {}

export const PersistentVolumeClaimTemplate = message(
  "io.k8s.api.core.v1.PersistentVolumeClaimTemplate",
  {
    metadata: struct(1, ObjectMeta).doc("Labels and annotations of the claim."),
    spec: struct(2, PersistentVolumeClaimSpec).required.doc("What is asked of storage."),
  },
  { doc: "The claim to make for a Pod." },
);
export interface PersistentVolumeClaimTemplate extends Infer<typeof PersistentVolumeClaimTemplate> {}
