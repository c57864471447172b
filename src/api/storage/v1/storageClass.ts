import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, list, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { TopologySelectorTerm } from "./storageClassMessages.ts";

export const StorageClassSchema = message("io.k8s.api.storage.v1.StorageClass", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  provisioner: string(2).always.required,
  parameters: map(3, "string"),
  reclaimPolicy: string(4),
  mountOptions: list(5, "string").atomicList,
  allowVolumeExpansion: bool(6).optional,
  volumeBindingMode: string(7),
  allowedTopologies: list(8, TopologySelectorTerm).atomicList,
});
export interface StorageClass extends Infer<typeof StorageClassSchema> {}

export const StorageClass = defineKind<StorageClass>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "StorageClass",
  plural: "storageclasses",
  shortNames: ["sc"],
  scope: "Cluster",
  schema: StorageClassSchema,
  columns: [nameColumn(), ageColumn()],
});
