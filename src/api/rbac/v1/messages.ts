import { LabelSelector } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string } from "../../../apimachinery/schema.ts";

export const AggregationRule = message(
  "io.k8s.api.rbac.v1.AggregationRule",
  {
    clusterRoleSelectors: list(1, LabelSelector).atomicList.doc(
      "The ClusterRoles whose rules are taken over: those that any one of these selects.",
    ),
  },
  { doc: "Makes a ClusterRole out of others." },
);
export interface AggregationRule extends Infer<typeof AggregationRule> {}

export const PolicyRule = message(
  "io.k8s.api.rbac.v1.PolicyRule",
  {
    verbs: list(1, "string").always.required.atomicList.doc("What may be done: get, list, create, … or * for all."),
    apiGroups: list(2, "string").atomicList.doc("The groups of the resources; empty text is the core group, * all."),
    resources: list(3, "string").atomicList.doc(
      "To what it may be done: plurals, with a subresource as in pods/log; * for all.",
    ),
    resourceNames: list(4, "string").atomicList.doc("Only to objects of these names; empty means any."),
    nonResourceURLs: list(5, "string").atomicList.doc(
      "Paths that are no resources, a final * for all below. Only in ClusterRoles, and not together with resources.",
    ),
  },
  { doc: "Something that is allowed. There are no rules that forbid." },
);
export interface PolicyRule extends Infer<typeof PolicyRule> {}

export const Subject = message(
  "io.k8s.api.rbac.v1.Subject",
  {
    kind: string(1).always.required.doc("User, Group or ServiceAccount."),
    apiGroup: string(2).doc("rbac.authorization.k8s.io for users and groups, empty for service accounts."),
    name: string(3).always.required.doc("The name that the request's user, or one of its groups, has."),
    namespace: string(4).doc("Where the service account is."),
  },
  { doc: "Someone to whom a role is given.", mapType: "atomic" },
);
export interface Subject extends Infer<typeof Subject> {}

export const RoleRef = message(
  "io.k8s.api.rbac.v1.RoleRef",
  {
    apiGroup: string(1).always.doc("Always rbac.authorization.k8s.io."),
    kind: string(2).always.required.doc("Role or ClusterRole."),
    name: string(3).always.required.doc("The role's name."),
  },
  { doc: "The role that is given. Cannot be changed.", mapType: "atomic" },
);
export interface RoleRef extends Infer<typeof RoleRef> {}
