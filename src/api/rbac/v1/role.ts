import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { PolicyRule } from "./messages.ts";

export const RoleSchema = message("io.k8s.api.rbac.v1.Role", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  rules: list(2, PolicyRule).atomicList,
});
export interface Role extends Infer<typeof RoleSchema> {}

export const Role = defineKind<Role>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "Role",
  plural: "roles",
  scope: "Namespaced",
  schema: RoleSchema,
  columns: [],
});
