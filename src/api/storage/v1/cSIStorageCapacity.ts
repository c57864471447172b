import { defineKind } from "../../../apimachinery/kind.ts";
import { LabelSelector, ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, quantity, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";

export const CSIStorageCapacitySchema = message("io.k8s.api.storage.v1.CSIStorageCapacity", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  nodeTopology: struct(2, LabelSelector).optional,
  storageClassName: string(3).always.required,
  capacity: quantity(4).optional,
  maximumVolumeSize: quantity(5).optional,
});
export interface CSIStorageCapacity extends Infer<typeof CSIStorageCapacitySchema> {}

export const CSIStorageCapacity = defineKind<CSIStorageCapacity>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIStorageCapacity",
  plural: "csistoragecapacities",
  scope: "Namespaced",
  schema: CSIStorageCapacitySchema,
  columns: [nameColumn(), ageColumn()],
});
