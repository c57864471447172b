import { LabelSelector } from "../../../apimachinery/meta.ts";
import { type Infer, int32, list, message, string, struct } from "../../../apimachinery/schema.ts";

export const NodeSelectorRequirement = message("io.k8s.api.core.v1.NodeSelectorRequirement", {
  key: string(1).always.required,
  operator: string(2).named("NodeSelectorOperator").always.required,
  values: list(3, "string").atomicList,
});
export interface NodeSelectorRequirement extends Infer<typeof NodeSelectorRequirement> {}

export const NodeSelectorTerm = message(
  "io.k8s.api.core.v1.NodeSelectorTerm",
  {
    matchExpressions: list(1, NodeSelectorRequirement).atomicList,
    matchFields: list(2, NodeSelectorRequirement).atomicList,
  },
  { mapType: "atomic" },
);
export interface NodeSelectorTerm extends Infer<typeof NodeSelectorTerm> {}

export const NodeSelector = message(
  "io.k8s.api.core.v1.NodeSelector",
  {
    nodeSelectorTerms: list(1, NodeSelectorTerm).always.required.atomicList,
  },
  { mapType: "atomic" },
);
export interface NodeSelector extends Infer<typeof NodeSelector> {}

export const PreferredSchedulingTerm = message("io.k8s.api.core.v1.PreferredSchedulingTerm", {
  weight: int32(1).always.required,
  preference: struct(2, NodeSelectorTerm).required,
});
export interface PreferredSchedulingTerm extends Infer<typeof PreferredSchedulingTerm> {}

export const NodeAffinity = message("io.k8s.api.core.v1.NodeAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: struct(1, NodeSelector).optional,
  preferredDuringSchedulingIgnoredDuringExecution: list(2, PreferredSchedulingTerm).atomicList,
});
export interface NodeAffinity extends Infer<typeof NodeAffinity> {}

export const PodAffinityTerm = message("io.k8s.api.core.v1.PodAffinityTerm", {
  labelSelector: struct(1, LabelSelector).optional,
  namespaces: list(2, "string").atomicList,
  topologyKey: string(3).always.required,
  namespaceSelector: struct(4, LabelSelector).optional,
  matchLabelKeys: list(5, "string").atomicList,
  mismatchLabelKeys: list(6, "string").atomicList,
});
export interface PodAffinityTerm extends Infer<typeof PodAffinityTerm> {}

export const WeightedPodAffinityTerm = message("io.k8s.api.core.v1.WeightedPodAffinityTerm", {
  weight: int32(1).always.required,
  podAffinityTerm: struct(2, PodAffinityTerm).required,
});
export interface WeightedPodAffinityTerm extends Infer<typeof WeightedPodAffinityTerm> {}

export const PodAffinity = message("io.k8s.api.core.v1.PodAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: list(1, PodAffinityTerm).atomicList,
  preferredDuringSchedulingIgnoredDuringExecution: list(2, WeightedPodAffinityTerm).atomicList,
});
export interface PodAffinity extends Infer<typeof PodAffinity> {}

export const PodAntiAffinity = message("io.k8s.api.core.v1.PodAntiAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: list(1, PodAffinityTerm).atomicList,
  preferredDuringSchedulingIgnoredDuringExecution: list(2, WeightedPodAffinityTerm).atomicList,
});
export interface PodAntiAffinity extends Infer<typeof PodAntiAffinity> {}

export const Affinity = message("io.k8s.api.core.v1.Affinity", {
  nodeAffinity: struct(1, NodeAffinity).optional,
  podAffinity: struct(2, PodAffinity).optional,
  podAntiAffinity: struct(3, PodAntiAffinity).optional,
});
export interface Affinity extends Infer<typeof Affinity> {}
