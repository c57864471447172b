import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { pathSegmentName } from "../../../apimachinery/validation/names.ts";
import { bindingColumns, bindingDefaults, validateBinding, validateBindingUpdate } from "./binding.ts";
import { RoleRef, Subject } from "./messages.ts";

export const ClusterRoleBindingSchema = message(
  "io.k8s.api.rbac.v1.ClusterRoleBinding",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    subjects: list(2, Subject).atomicList.doc("To whom the role is given."),
    roleRef: struct(3, RoleRef).required.doc("A ClusterRole. Cannot be changed."),
  },
  { doc: "Gives a ClusterRole to someone, in the whole cluster." },
);
export interface ClusterRoleBinding extends Infer<typeof ClusterRoleBindingSchema> {}

export const ClusterRoleBinding = defineKind<ClusterRoleBinding>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  scope: "Cluster",
  schema: ClusterRoleBindingSchema,
  defaults: bindingDefaults,
  validateName: pathSegmentName,
  validate: (binding) => validateBinding(binding, false),
  validateUpdate: validateBindingUpdate,
  columns: bindingColumns(),
});
