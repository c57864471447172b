import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";

export const VolumeAttributesClassSchema = message("io.k8s.api.storage.v1.VolumeAttributesClass", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  driverName: string(2).always.required,
  parameters: map(3, "string"),
});
export interface VolumeAttributesClass extends Infer<typeof VolumeAttributesClassSchema> {}

export const VolumeAttributesClass = defineKind<VolumeAttributesClass>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttributesClass",
  plural: "volumeattributesclasses",
  shortNames: ["vac"],
  scope: "Cluster",
  schema: VolumeAttributesClassSchema,
  columns: [nameColumn(), ageColumn()],
});
