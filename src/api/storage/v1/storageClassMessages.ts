import { type Infer, list, message, string } from "../../../apimachinery/schema.ts";

export const TopologySelectorLabelRequirement = message(
  "io.k8s.api.core.v1.TopologySelectorLabelRequirement",
  {
    key: string(1).always.required.doc("The label."),
    values: list(2, "string").always.required.atomicList.doc("The values of which it has one."),
  },
  { doc: "One condition on a label." },
);
export interface TopologySelectorLabelRequirement extends Infer<typeof TopologySelectorLabelRequirement> {}

export const TopologySelectorTerm = message(
  "io.k8s.api.core.v1.TopologySelectorTerm",
  { matchLabelExpressions: list(1, TopologySelectorLabelRequirement).atomicList.doc("Conditions that must all hold.") },
  { doc: "A part of the cluster, by labels.", mapType: "atomic" },
);
export interface TopologySelectorTerm extends Infer<typeof TopologySelectorTerm> {}
