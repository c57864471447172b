import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { Overhead, Scheduling } from "./runtimeClassMessages.ts";

export const RuntimeClassSchema = message("io.k8s.api.node.v1.RuntimeClass", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  handler: string(2).always.required,
  overhead: struct(3, Overhead).optional,
  scheduling: struct(4, Scheduling).optional,
});
export interface RuntimeClass extends Infer<typeof RuntimeClassSchema> {}

export const RuntimeClass = defineKind<RuntimeClass>({
  group: "node.k8s.io",
  version: "v1",
  kind: "RuntimeClass",
  plural: "runtimeclasses",
  scope: "Cluster",
  schema: RuntimeClassSchema,
  columns: [nameColumn(), ageColumn()],
});
