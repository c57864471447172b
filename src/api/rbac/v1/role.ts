import { root } from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { pathSegmentName } from "../../../apimachinery/validation/names.ts";
import { createdAtColumn, nameColumn } from "../../columns.ts";
import { PolicyRule } from "./messages.ts";
import { validateRules } from "./validation.ts";

export const RoleSchema = message(
  "io.k8s.api.rbac.v1.Role",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    rules: list(2, PolicyRule).always.atomicList.doc("What the role allows."),
  },
  { doc: "What may be done within one namespace, to be given to someone by a RoleBinding." },
);
export interface Role extends Infer<typeof RoleSchema> {}

export const Role = defineKind<Role>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "Role",
  plural: "roles",
  scope: "Namespaced",
  schema: RoleSchema,
  validateName: pathSegmentName,
  validate: ({ rules }) => validateRules(rules, true, root.child("rules")),
  columns: [nameColumn(), createdAtColumn()],
});
