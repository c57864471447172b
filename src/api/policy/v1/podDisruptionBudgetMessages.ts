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

export const PodDisruptionBudgetSpec = message("io.k8s.api.policy.v1.PodDisruptionBudgetSpec", {
  minAvailable: intOrString(1).optional,
  selector: struct(2, LabelSelector).optional.patchStrategy("replace"),
  maxUnavailable: intOrString(3).optional,
  unhealthyPodEvictionPolicy: string(4),
});
export interface PodDisruptionBudgetSpec extends Infer<typeof PodDisruptionBudgetSpec> {}

export const PodDisruptionBudgetStatus = message("io.k8s.api.policy.v1.PodDisruptionBudgetStatus", {
  observedGeneration: int64(1).optional,
  disruptedPods: map(2, "time"),
  disruptionsAllowed: int32(3).optional,
  currentHealthy: int32(4).optional,
  desiredHealthy: int32(5).optional,
  expectedPods: int32(6).optional,
  conditions: list(7, Condition).listMap("type").merge("type"),
});
export interface PodDisruptionBudgetStatus extends Infer<typeof PodDisruptionBudgetStatus> {}
