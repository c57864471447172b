import { LabelSelector } from "../../../apimachinery/meta.ts";
import { type Infer, int32, int64, list, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { PodTemplateSpec } from "../../core/v1/messages.ts";

export const ReplicaSetSpec = message(
  "io.k8s.api.apps.v1.ReplicaSetSpec",
  {
    replicas: int32(1).optional.doc("How many Pods there shall be. 1 by default."),
    selector: struct(2, LabelSelector).optional.required.doc(
      "Which Pods belong to the set. Must match the template's labels and cannot be changed.",
    ),
    template: struct(3, PodTemplateSpec).doc("What new Pods look like."),
    minReadySeconds: int32(4).doc("How long a Pod must be ready, without a crash, before it counts as available."),
  },
  { doc: "What a ReplicaSet shall be." },
);
export interface ReplicaSetSpec extends Infer<typeof ReplicaSetSpec> {}

export const ReplicaSetCondition = message(
  "io.k8s.api.apps.v1.ReplicaSetCondition",
  {
    type: string(1)
      .named("ReplicaSetConditionType")
      .always.required.doc("What the condition is about, such as ReplicaFailure."),
    status: string(2).named("ConditionStatus").always.required.doc("True, False or Unknown."),
    lastTransitionTime: time(3).always.doc("When the status last changed."),
    reason: string(4).doc("Why, in one word for programs."),
    message: string(5).doc("Why, in a sentence for people."),
  },
  { doc: "One aspect of a ReplicaSet's state." },
);
export interface ReplicaSetCondition extends Infer<typeof ReplicaSetCondition> {}

export const ReplicaSetStatus = message(
  "io.k8s.api.apps.v1.ReplicaSetStatus",
  {
    replicas: int32(1).always.required.doc("Pods that are not terminating."),
    fullyLabeledReplicas: int32(2).doc("Those of them that have all labels of the template."),
    observedGeneration: int64(3).doc("The generation of the ReplicaSet that this status speaks of."),
    readyReplicas: int32(4).doc("Those of the Pods that are ready."),
    availableReplicas: int32(5).doc("Those of the Pods that have been ready for minReadySeconds."),
    conditions: list(6, ReplicaSetCondition).listMap("type").merge("type").doc("Whether Pods could be made."),
    terminatingReplicas: int32(7).optional.doc("Pods that are terminating but not gone."),
  },
  { doc: "What a ReplicaSet is." },
);
export interface ReplicaSetStatus extends Infer<typeof ReplicaSetStatus> {}
