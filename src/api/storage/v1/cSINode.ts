import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { CSINodeSpec } from "./cSINodeMessages.ts";

export const CSINodeSchema = message("io.k8s.api.storage.v1.CSINode", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, CSINodeSpec).required,
});
export interface CSINode extends Infer<typeof CSINodeSchema> {}

export const CSINode = defineKind<CSINode>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSINode",
  plural: "csinodes",
  scope: "Cluster",
  schema: CSINodeSchema,
  columns: [nameColumn(), ageColumn()],
});
