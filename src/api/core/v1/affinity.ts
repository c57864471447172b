import { LabelSelector } from "../../../apimachinery/meta.ts";
import { type Infer, int32, list, message, string, struct } from "../../../apimachinery/schema.ts";

export const NodeSelectorRequirement = message(
  "io.k8s.api.core.v1.NodeSelectorRequirement",
  {
    key: string(1).always.required.doc("The label or field."),
    operator: string(2).named("NodeSelectorOperator").always.required.doc("In, NotIn, Exists, DoesNotExist, Gt or Lt."),
    values: list(3, "string").atomicList.doc(
      "At least one for In and NotIn, none for Exists and DoesNotExist, one integer for Gt and Lt.",
    ),
  },
  { doc: "One condition on a node." },
);
export interface NodeSelectorRequirement extends Infer<typeof NodeSelectorRequirement> {}

export const NodeSelectorTerm = message(
  "io.k8s.api.core.v1.NodeSelectorTerm",
  {
    matchExpressions: list(1, NodeSelectorRequirement).atomicList.doc("Conditions on labels."),
    matchFields: list(2, NodeSelectorRequirement).atomicList.doc("Conditions on fields; only metadata.name is known."),
  },
  { doc: "Conditions that must all hold; an empty term matches no node.", mapType: "atomic" },
);
export interface NodeSelectorTerm extends Infer<typeof NodeSelectorTerm> {}

export const NodeSelector = message(
  "io.k8s.api.core.v1.NodeSelector",
  {
    nodeSelectorTerms: list(1, NodeSelectorTerm).always.required.atomicList.doc("The terms."),
  },
  { doc: "Terms of which one must hold.", mapType: "atomic" },
);
export interface NodeSelector extends Infer<typeof NodeSelector> {}

export const PreferredSchedulingTerm = message(
  "io.k8s.api.core.v1.PreferredSchedulingTerm",
  {
    weight: int32(1).always.required.doc("How much, from 1 to 100."),
    preference: struct(2, NodeSelectorTerm).required.doc("The term."),
  },
  { doc: "A term that speaks for the nodes that it matches." },
);
export interface PreferredSchedulingTerm extends Infer<typeof PreferredSchedulingTerm> {}

export const NodeAffinity = message(
  "io.k8s.api.core.v1.NodeAffinity",
  {
    requiredDuringSchedulingIgnoredDuringExecution: struct(1, NodeSelector).optional.doc(
      "What a node must fulfil for the Pod to be put there.",
    ),
    preferredDuringSchedulingIgnoredDuringExecution: list(2, PreferredSchedulingTerm).atomicList.doc(
      "What speaks for a node, each with a weight.",
    ),
  },
  { doc: "Rules about the nodes' labels." },
);
export interface NodeAffinity extends Infer<typeof NodeAffinity> {}

export const PodAffinityTerm = message(
  "io.k8s.api.core.v1.PodAffinityTerm",
  {
    labelSelector: struct(1, LabelSelector).optional.doc("Which Pods; absent: none."),
    namespaces: list(2, "string").atomicList.doc("Namespaces in which to look, besides those of namespaceSelector."),
    topologyKey: string(3).always.required.doc("The node label whose value names the place."),
    namespaceSelector: struct(4, LabelSelector).optional.doc(
      "Namespaces in which to look, by label; empty: all. Without both, the Pod's own.",
    ),
    matchLabelKeys: list(5, "string").atomicList.doc("Labels in which the others must equal the incoming Pod."),
    mismatchLabelKeys: list(6, "string").atomicList.doc(
      "Labels in which the others must differ from the incoming Pod.",
    ),
  },
  { doc: "Certain Pods, and what counts as the same place." },
);
export interface PodAffinityTerm extends Infer<typeof PodAffinityTerm> {}

export const WeightedPodAffinityTerm = message(
  "io.k8s.api.core.v1.WeightedPodAffinityTerm",
  {
    weight: int32(1).always.required.doc("How much, from 1 to 100."),
    podAffinityTerm: struct(2, PodAffinityTerm).required.doc("The term."),
  },
  { doc: "A term that speaks for places that it matches." },
);
export interface WeightedPodAffinityTerm extends Infer<typeof WeightedPodAffinityTerm> {}

export const PodAffinity = message(
  "io.k8s.api.core.v1.PodAffinity",
  {
    requiredDuringSchedulingIgnoredDuringExecution: list(1, PodAffinityTerm).atomicList.doc(
      "Pods that must run in the same place.",
    ),
    preferredDuringSchedulingIgnoredDuringExecution: list(2, WeightedPodAffinityTerm).atomicList.doc(
      "Pods whose place is preferred, each with a weight.",
    ),
  },
  { doc: "Rules that draw a Pod to others." },
);
export interface PodAffinity extends Infer<typeof PodAffinity> {}

export const PodAntiAffinity = message(
  "io.k8s.api.core.v1.PodAntiAffinity",
  {
    requiredDuringSchedulingIgnoredDuringExecution: list(1, PodAffinityTerm).atomicList.doc(
      "Pods that must not run in the same place.",
    ),
    preferredDuringSchedulingIgnoredDuringExecution: list(2, WeightedPodAffinityTerm).atomicList.doc(
      "Pods whose place is better avoided, each with a weight.",
    ),
  },
  { doc: "Rules that keep a Pod away from others." },
);
export interface PodAntiAffinity extends Infer<typeof PodAntiAffinity> {}

export const Affinity = message(
  "io.k8s.api.core.v1.Affinity",
  {
    nodeAffinity: struct(1, NodeAffinity).optional.doc("Rules about the nodes' own labels."),
    podAffinity: struct(2, PodAffinity).optional.doc("Rules that draw the Pod to where certain Pods run."),
    podAntiAffinity: struct(3, PodAntiAffinity).optional.doc(
      "Rules that keep the Pod away from where certain Pods run.",
    ),
  },
  { doc: "What draws a Pod to nodes and to other Pods, or keeps it away." },
);
export interface Affinity extends Infer<typeof Affinity> {}
