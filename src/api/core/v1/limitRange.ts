import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { LimitRangeSpec } from "./limitRangeMessages.ts";

export const LimitRangeSchema = message("io.k8s.api.core.v1.LimitRange", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, LimitRangeSpec),
});
export interface LimitRange extends Infer<typeof LimitRangeSchema> {}

export const LimitRange = defineKind<LimitRange>({
  group: "",
  version: "v1",
  kind: "LimitRange",
  plural: "limitranges",
  shortNames: ["limits"],
  scope: "Namespaced",
  schema: LimitRangeSchema,
  columns: [nameColumn(), ageColumn()],
});
