import { type Infer, list, message, string, time } from "../../../apimachinery/schema.ts";

export const NamespaceSpec = message("io.k8s.api.core.v1.NamespaceSpec", {
  finalizers: list(1, "string").named("FinalizerName").atomicList,
});
export interface NamespaceSpec extends Infer<typeof NamespaceSpec> {}

export const NamespaceCondition = message("io.k8s.api.core.v1.NamespaceCondition", {
  type: string(1).named("NamespaceConditionType").always.required,
  status: string(2).named("ConditionStatus").always.required,
  lastTransitionTime: time(4).always,
  reason: string(5),
  message: string(6),
});
export interface NamespaceCondition extends Infer<typeof NamespaceCondition> {}

export const NamespaceStatus = message("io.k8s.api.core.v1.NamespaceStatus", {
  phase: string(1).named("NamespacePhase"),
  conditions: list(2, NamespaceCondition).listMap("type").merge("type"),
});
export interface NamespaceStatus extends Infer<typeof NamespaceStatus> {}
