import { type Infer, list, message, string, time } from "../../../apimachinery/schema.ts";

export const NamespaceSpec = message(
  "io.k8s.api.core.v1.NamespaceSpec",
  {
    finalizers: list(1, "string")
      .named("FinalizerName")
      .atomicList.doc("Work to be done before the namespace is removed."),
  },
  { doc: "What is wanted of a namespace." },
);
export interface NamespaceSpec extends Infer<typeof NamespaceSpec> {}

export const NamespaceCondition = message(
  "io.k8s.api.core.v1.NamespaceCondition",
  {
    type: string(1).named("NamespaceConditionType").always.required.doc("What the condition is about."),
    status: string(2).named("ConditionStatus").always.required.doc("True, False or Unknown."),
    lastTransitionTime: time(4).always.doc("When the status last changed."),
    reason: string(5).doc("A word for programs."),
    message: string(6).doc("A sentence for people."),
  },
  { doc: "One aspect of a namespace's state." },
);
export interface NamespaceCondition extends Infer<typeof NamespaceCondition> {}

export const NamespaceStatus = message(
  "io.k8s.api.core.v1.NamespaceStatus",
  {
    phase: string(1).named("NamespacePhase").doc("Active, or Terminating while its content is being removed."),
    conditions: list(2, NamespaceCondition).listMap("type").merge("type").doc("What stands in the way of its removal."),
  },
  { doc: "What is known of a namespace." },
);
export interface NamespaceStatus extends Infer<typeof NamespaceStatus> {}
