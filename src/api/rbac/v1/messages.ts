import { LabelSelector } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string } from "../../../apimachinery/schema.ts";

export const AggregationRule = message("io.k8s.api.rbac.v1.AggregationRule", {
  clusterRoleSelectors: list(1, LabelSelector).atomicList,
});
export interface AggregationRule extends Infer<typeof AggregationRule> {}

export const PolicyRule = message("io.k8s.api.rbac.v1.PolicyRule", {
  verbs: list(1, "string").always.required.atomicList,
  apiGroups: list(2, "string").atomicList,
  resources: list(3, "string").atomicList,
  resourceNames: list(4, "string").atomicList,
  nonResourceURLs: list(5, "string").atomicList,
});
export interface PolicyRule extends Infer<typeof PolicyRule> {}

export const Subject = message(
  "io.k8s.api.rbac.v1.Subject",
  {
    kind: string(1).always.required,
    apiGroup: string(2),
    name: string(3).always.required,
    namespace: string(4),
  },
  { mapType: "atomic" },
);
export interface Subject extends Infer<typeof Subject> {}

export const RoleRef = message(
  "io.k8s.api.rbac.v1.RoleRef",
  {
    apiGroup: string(1),
    kind: string(2).always.required,
    name: string(3).always.required,
  },
  { mapType: "atomic" },
);
export interface RoleRef extends Infer<typeof RoleRef> {}
