import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, int32, message, string, struct } from "../../../apimachinery/schema.ts";

export const PriorityClassSchema = message("io.k8s.api.scheduling.v1.PriorityClass", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  value: int32(2),
  globalDefault: bool(3),
  description: string(4),
  preemptionPolicy: string(5).optional,
});
export interface PriorityClass extends Infer<typeof PriorityClassSchema> {}

export const PriorityClass = defineKind<PriorityClass>({
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  plural: "priorityclasses",
  shortNames: ["pc"],
  scope: "Cluster",
  schema: PriorityClassSchema,
  columns: [],
});
