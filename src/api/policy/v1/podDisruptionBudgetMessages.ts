import { Condition, LabelSelector } from "../../../apimachinery/meta.ts";
import {
  type Infer,
  int32,
  int64,
  intOrString,
  list,
  map,
  message,
  string,
  struct,
} from "../../../apimachinery/schema.ts";

export const PodDisruptionBudgetSpec = message(
  "io.k8s.api.policy.v1.PodDisruptionBudgetSpec",
  {
    minAvailable: intOrString(1).optional.doc(
      "How many of the Pods must stay healthy: a number, or a share (rounded up). Not together with maxUnavailable.",
    ),
    selector: struct(2, LabelSelector)
      .optional.patchStrategy("replace")
      .doc("Which Pods the budget covers. Empty: all of the namespace. Not set: none."),
    maxUnavailable: intOrString(3).optional.doc(
      "How many of the Pods may be missing: a number, or a share (rounded up). Not together with minAvailable.",
    ),
    unhealthyPodEvictionPolicy: string(4)
      .named("UnhealthyPodEvictionPolicyType")
      .optional.doc(
        "When running Pods that are not ready may be evicted. IfHealthyBudget (default): while enough others are healthy. AlwaysAllow: always.",
      ),
  },
  { doc: "What a budget allows." },
);
export interface PodDisruptionBudgetSpec extends Infer<typeof PodDisruptionBudgetSpec> {}

export const PodDisruptionBudgetStatus = message(
  "io.k8s.api.policy.v1.PodDisruptionBudgetStatus",
  {
    observedGeneration: int64(1).doc("The generation of the budget that this status speaks of."),
    disruptedPods: map(2, "time").doc("Pods whose eviction was granted, by name, until they are seen to go."),
    disruptionsAllowed: int32(3).always.doc("How many Pods may be evicted now."),
    currentHealthy: int32(4).always.doc("How many Pods are healthy."),
    desiredHealthy: int32(5).always.doc("How many Pods must be healthy."),
    expectedPods: int32(6).always.doc("How many Pods the budget counts on."),
    conditions: list(7, Condition).listMap("type").merge("type").doc("DisruptionAllowed, and why not."),
  },
  { doc: "How much of a budget is left." },
);
export interface PodDisruptionBudgetStatus extends Infer<typeof PodDisruptionBudgetStatus> {}
