import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { RoleRef, Subject } from "./messages.ts";

export const ClusterRoleBindingSchema = message("io.k8s.api.rbac.v1.ClusterRoleBinding", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  subjects: list(2, Subject).atomicList,
  roleRef: struct(3, RoleRef).required,
});
export interface ClusterRoleBinding extends Infer<typeof ClusterRoleBindingSchema> {}

export const ClusterRoleBinding = defineKind<ClusterRoleBinding>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  scope: "Cluster",
  schema: ClusterRoleBindingSchema,
  columns: [],
});
