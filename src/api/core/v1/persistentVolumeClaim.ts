import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { persistentVolumeClaimColumns } from "./columns/persistentVolume.ts";
import { persistentVolumeClaimDefaults } from "./defaults/persistentVolume.ts";
import { PersistentVolumeClaimStatus } from "./persistentVolumeClaimMessages.ts";
import { PersistentVolumeClaimSpec } from "./persistentVolumeClaimSpec.ts";
import { validatePersistentVolumeClaim } from "./validation/persistentVolumeClaim.ts";
import {
  validatePersistentVolumeClaimStatusUpdate,
  validatePersistentVolumeClaimUpdate,
} from "./validation/persistentVolumeClaimUpdate.ts";

export const PersistentVolumeClaimSchema = message(
  "io.k8s.api.core.v1.PersistentVolumeClaim",
  {
    apiVersion: string(0).doc("The version of this form of the object."),
    kind: string(0).doc("The kind of the object."),
    metadata: struct(1, ObjectMeta).doc("Name, labels and the like."),
    spec: struct(2, PersistentVolumeClaimSpec).doc("What is asked of storage."),
    status: struct(3, PersistentVolumeClaimStatus).doc("What became of it."),
  },
  { doc: "A user's request for storage: a PersistentVolume is bound to it, or made for it." },
);
export interface PersistentVolumeClaim extends Infer<typeof PersistentVolumeClaimSchema> {}

export const PersistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
  shortNames: ["pvc"],
  scope: "Namespaced",
  schema: PersistentVolumeClaimSchema,
  status: true,
  columns: persistentVolumeClaimColumns,
  defaults: persistentVolumeClaimDefaults,
  validate: validatePersistentVolumeClaim,
  validateUpdate: validatePersistentVolumeClaimUpdate,
  validateStatusUpdate: validatePersistentVolumeClaimStatusUpdate,
});
