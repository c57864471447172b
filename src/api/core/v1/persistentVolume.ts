import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { PersistentVolumeSpec, PersistentVolumeStatus } from "./persistentVolumeMessages.ts";

export const PersistentVolumeSchema = message("io.k8s.api.core.v1.PersistentVolume", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, PersistentVolumeSpec),
  status: struct(3, PersistentVolumeStatus),
});
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
  columns: [nameColumn(), ageColumn()],
});
