import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { IngressSpec, IngressStatus } from "./ingressMessages.ts";

export const IngressSchema = message("io.k8s.api.networking.v1.Ingress", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, IngressSpec),
  status: struct(3, IngressStatus),
});
export interface Ingress extends Infer<typeof IngressSchema> {}

export const Ingress = defineKind<Ingress>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "Ingress",
  plural: "ingresses",
  shortNames: ["ing"],
  scope: "Namespaced",
  schema: IngressSchema,
  status: true,
  generation: ["spec"],
  columns: [nameColumn(), ageColumn()],
});
