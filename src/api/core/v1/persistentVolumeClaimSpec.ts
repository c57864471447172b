import { LabelSelector, ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { TypedLocalObjectReference, TypedObjectReference } from "./references.ts";

export const VolumeResourceRequirements = message("io.k8s.api.core.v1.VolumeResourceRequirements", {
  limits: map(1, "quantity"),
  requests: map(2, "quantity"),
});
export interface VolumeResourceRequirements extends Infer<typeof VolumeResourceRequirements> {}

export const PersistentVolumeClaimSpec = message("io.k8s.api.core.v1.PersistentVolumeClaimSpec", {
  accessModes: list(1, "string").named("PersistentVolumeAccessMode").atomicList,
  resources: struct(2, VolumeResourceRequirements),
  volumeName: string(3),
  selector: struct(4, LabelSelector).optional,
  storageClassName: string(5).optional,
  volumeMode: string(6).named("PersistentVolumeMode").optional,
  dataSource: struct(7, TypedLocalObjectReference).optional,
  dataSourceRef: struct(8, TypedObjectReference).optional,
  volumeAttributesClassName: string(9).optional,
});
export interface PersistentVolumeClaimSpec extends Infer<typeof PersistentVolumeClaimSpec> {}

export const PersistentVolumeClaimTemplate = message("io.k8s.api.core.v1.PersistentVolumeClaimTemplate", {
  metadata: struct(1, ObjectMeta),
  spec: struct(2, PersistentVolumeClaimSpec).required,
});
export interface PersistentVolumeClaimTemplate extends Infer<typeof PersistentVolumeClaimTemplate> {}
