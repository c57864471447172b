import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { PodTemplateSpec } from "./podSpec.ts";

export const PodTemplateSchema = message("io.k8s.api.core.v1.PodTemplate", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  template: struct(2, PodTemplateSpec).optional,
});
export interface PodTemplate extends Infer<typeof PodTemplateSchema> {}

export const PodTemplate = defineKind<PodTemplate>({
  group: "",
  version: "v1",
  kind: "PodTemplate",
  plural: "podtemplates",
  scope: "Namespaced",
  schema: PodTemplateSchema,
  columns: [nameColumn(), ageColumn()],
});
