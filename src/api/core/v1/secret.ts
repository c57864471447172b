import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, map, message, string, struct } from "../../../apimachinery/schema.ts";

export const SecretSchema = message("io.k8s.api.core.v1.Secret", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  data: map(2, "bytes"),
  type: string(3),
  stringData: map(4, "string"),
  immutable: bool(5).optional,
});
export interface Secret extends Infer<typeof SecretSchema> {}

export const Secret = defineKind<Secret>({
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  scope: "Namespaced",
  schema: SecretSchema,
  columns: [],
});
