import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { NamespaceSpec, NamespaceStatus } from "./messages.ts";

export const NamespaceSchema = message("io.k8s.api.core.v1.Namespace", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, NamespaceSpec),
  status: struct(3, NamespaceStatus),
});
export interface Namespace extends Infer<typeof NamespaceSchema> {}

export const Namespace = defineKind<Namespace>({
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  shortNames: ["ns"],
  scope: "Cluster",
  schema: NamespaceSchema,
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  status: true,
  subresources: {
    finalize: { verbs: ["update"] },
  },
  columns: [],
});
