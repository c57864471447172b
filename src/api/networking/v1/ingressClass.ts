import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { IngressClassSpec } from "./ingressClassMessages.ts";

export const IngressClassSchema = message("io.k8s.api.networking.v1.IngressClass", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, IngressClassSpec),
});
export interface IngressClass extends Infer<typeof IngressClassSchema> {}

export const IngressClass = defineKind<IngressClass>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "IngressClass",
  plural: "ingressclasses",
  scope: "Cluster",
  schema: IngressClassSchema,
  generation: ["spec"],
  columns: [nameColumn(), ageColumn()],
});
