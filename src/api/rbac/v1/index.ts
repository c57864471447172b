export { ClusterRole, ClusterRoleSchema } from "./clusterRole.ts";
export { ClusterRoleBinding, ClusterRoleBindingSchema } from "./clusterRoleBinding.ts";
export * from "./messages.ts";
export { Role, RoleSchema } from "./role.ts";
export { RoleBinding, RoleBindingSchema } from "./roleBinding.ts";
