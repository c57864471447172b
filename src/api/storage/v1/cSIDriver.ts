import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { CSIDriverSpec } from "./cSIDriverMessages.ts";

export const CSIDriverSchema = message("io.k8s.api.storage.v1.CSIDriver", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, CSIDriverSpec).required,
});
export interface CSIDriver extends Infer<typeof CSIDriverSchema> {}

export const CSIDriver = defineKind<CSIDriver>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIDriver",
  plural: "csidrivers",
  scope: "Cluster",
  schema: CSIDriverSchema,
  columns: [nameColumn(), ageColumn()],
});
