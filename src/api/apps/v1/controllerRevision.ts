import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, int64, message, rawExtension, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";

export const ControllerRevisionSchema = message("io.k8s.api.apps.v1.ControllerRevision", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  data: rawExtension(2),
  revision: int64(3).always.required,
});
export interface ControllerRevision extends Infer<typeof ControllerRevisionSchema> {}

export const ControllerRevision = defineKind<ControllerRevision>({
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  scope: "Namespaced",
  schema: ControllerRevisionSchema,
  columns: [nameColumn(), ageColumn()],
});
