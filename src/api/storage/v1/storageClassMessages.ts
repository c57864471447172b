import { type Infer, list, message, string } from "../../../apimachinery/schema.ts";

export const TopologySelectorLabelRequirement = message("io.k8s.api.core.v1.TopologySelectorLabelRequirement", {
  key: string(1).always.required,
  values: list(2, "string").always.required.atomicList,
});
export interface TopologySelectorLabelRequirement extends Infer<typeof TopologySelectorLabelRequirement> {}

export const TopologySelectorTerm = message(
  "io.k8s.api.core.v1.TopologySelectorTerm",
  {
    matchLabelExpressions: list(1, TopologySelectorLabelRequirement).atomicList,
  },
  { mapType: "atomic" },
);
export interface TopologySelectorTerm extends Infer<typeof TopologySelectorTerm> {}
