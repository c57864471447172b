import { type Infer, list, map, message, string, struct } from "../../../apimachinery/schema.ts";

export const ScopedResourceSelectorRequirement = message("io.k8s.api.core.v1.ScopedResourceSelectorRequirement", {
  scopeName: string(1).always.required,
  operator: string(2).always.required,
  values: list(3, "string").atomicList,
});
export interface ScopedResourceSelectorRequirement extends Infer<typeof ScopedResourceSelectorRequirement> {}

export const ScopeSelector = message(
  "io.k8s.api.core.v1.ScopeSelector",
  {
    matchExpressions: list(1, ScopedResourceSelectorRequirement).atomicList,
  },
  { mapType: "atomic" },
);
export interface ScopeSelector extends Infer<typeof ScopeSelector> {}

export const ResourceQuotaSpec = message("io.k8s.api.core.v1.ResourceQuotaSpec", {
  hard: map(1, "quantity"),
  scopes: list(2, "string").atomicList,
  scopeSelector: struct(3, ScopeSelector).optional,
});
export interface ResourceQuotaSpec extends Infer<typeof ResourceQuotaSpec> {}

export const ResourceQuotaStatus = message("io.k8s.api.core.v1.ResourceQuotaStatus", {
  hard: map(1, "quantity"),
  used: map(2, "quantity"),
});
export interface ResourceQuotaStatus extends Infer<typeof ResourceQuotaStatus> {}
