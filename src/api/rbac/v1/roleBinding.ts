import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { pathSegmentName } from "../../../apimachinery/validation/names.ts";
import { bindingColumns, bindingDefaults, validateBinding, validateBindingUpdate } from "./binding.ts";
import { RoleRef, Subject } from "./messages.ts";

export const RoleBindingSchema = message(
  "io.k8s.api.rbac.v1.RoleBinding",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    subjects: list(2, Subject).atomicList.doc("To whom the role is given."),
    roleRef: struct(3, RoleRef).required.doc("A Role of the same namespace, or a ClusterRole. Cannot be changed."),
  },
  { doc: "Gives a role to someone, within one namespace." },
);
export interface RoleBinding extends Infer<typeof RoleBindingSchema> {}

export const RoleBinding = defineKind<RoleBinding>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "RoleBinding",
  plural: "rolebindings",
  scope: "Namespaced",
  schema: RoleBindingSchema,
  defaults: bindingDefaults,
  validateName: pathSegmentName,
  validate: (binding) => validateBinding(binding, true),
  validateUpdate: validateBindingUpdate,
  columns: bindingColumns(),
});
