import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { persistentVolumeColumns } from "./columns/persistentVolume.ts";
import { persistentVolumeDefaults } from "./defaults/persistentVolume.ts";
import { PersistentVolumeSpec, PersistentVolumeStatus } from "./persistentVolumeMessages.ts";
import { validatePersistentVolume } from "./validation/persistentVolume.ts";
import {
  validatePersistentVolumeStatusUpdate,
  validatePersistentVolumeUpdate,
} from "./validation/persistentVolumeUpdate.ts";

export const PersistentVolumeSchema = message(
  "io.k8s.api.core.v1.PersistentVolume",
  {
    apiVersion: string(0).doc("The version of this form of the object."),
    kind: string(0).doc("The kind of the object."),
    metadata: struct(1, ObjectMeta).doc("Name, labels and the like."),
    spec: struct(2, PersistentVolumeSpec).doc("What it is and whom it serves."),
    status: struct(3, PersistentVolumeStatus).doc("What became of it."),
  },
  { doc: "A piece of storage of the cluster, which a claim can be given." },
);
export interface PersistentVolume extends Infer<typeof PersistentVolumeSchema> {}

export const PersistentVolume = defineKind<PersistentVolume>({
  group: "",
  version: "v1",
  kind: "PersistentVolume",
  plural: "persistentvolumes",
  shortNames: ["pv"],
  scope: "Cluster",
  schema: PersistentVolumeSchema,
  status: true,
  columns: persistentVolumeColumns,
  defaults: persistentVolumeDefaults,
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
  validateStatusUpdate: validatePersistentVolumeStatusUpdate,
});
