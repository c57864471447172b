import { type Infer, list, map, message, string, struct } from "../../../apimachinery/schema.ts";

export const ScopedResourceSelectorRequirement = message(
  "io.k8s.api.core.v1.ScopedResourceSelectorRequirement",
  {
    scopeName: string(1).named("ResourceQuotaScope").always.required.doc("The scope, such as PriorityClass."),
    operator: string(2)
      .named("ScopeSelectorOperator")
      .always.required.doc("In, NotIn, Exists or DoesNotExist; scopes that have no values take Exists only."),
    values: list(3, "string").atomicList.doc("For In and NotIn: one or more. For the others: none."),
  },
  { doc: "A scope, narrowed to some of its values." },
);
export interface ScopedResourceSelectorRequirement extends Infer<typeof ScopedResourceSelectorRequirement> {}

export const ScopeSelector = message(
  "io.k8s.api.core.v1.ScopeSelector",
  { matchExpressions: list(1, ScopedResourceSelectorRequirement).atomicList.doc("All of these must hold.") },
  { mapType: "atomic", doc: "Which objects a quota is about." },
);
export interface ScopeSelector extends Infer<typeof ScopeSelector> {}

export const ResourceQuotaSpec = message(
  "io.k8s.api.core.v1.ResourceQuotaSpec",
  {
    hard: map(1, "quantity")
      .named("ResourceList")
      .doc("The most of each resource: requests.cpu, limits.memory, pods, count/deployments.apps, requests.storage, …"),
    scopes: list(2, "string")
      .named("ResourceQuotaScope")
      .atomicList.doc("Only objects that match all of these are counted, such as BestEffort or NotTerminating."),
    scopeSelector: struct(3, ScopeSelector).optional.doc("As `scopes`, for those that have values."),
  },
  { doc: "What a namespace may use." },
);
export interface ResourceQuotaSpec extends Infer<typeof ResourceQuotaSpec> {}

export const ResourceQuotaStatus = message(
  "io.k8s.api.core.v1.ResourceQuotaStatus",
  {
    hard: map(1, "quantity").named("ResourceList").doc("The bounds that are enforced now."),
    used: map(2, "quantity").named("ResourceList").doc("What is used of them."),
  },
  { doc: "What a namespace uses." },
);
export interface ResourceQuotaStatus extends Infer<typeof ResourceQuotaStatus> {}
