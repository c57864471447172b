import { type Infer, int32, int64, list, map, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { PodTemplateSpec } from "./podSpec.ts";

export const ReplicationControllerSpec = message(
  "io.k8s.api.core.v1.ReplicationControllerSpec",
  {
    replicas: int32(1).optional.doc("How many Pods there shall be. 1 by default."),
    selector: map(2, "string").atomicMap.doc(
      "Labels of the Pods that belong to the controller. The template's labels by default.",
    ),
    template: struct(3, PodTemplateSpec).optional.doc("What new Pods look like. Their restart policy must be Always."),
    minReadySeconds: int32(4).doc("How long a Pod must be ready, without a crash, before it counts as available."),
  },
  { doc: "What a ReplicationController shall be." },
);
export interface ReplicationControllerSpec extends Infer<typeof ReplicationControllerSpec> {}

export const ReplicationControllerCondition = message(
  "io.k8s.api.core.v1.ReplicationControllerCondition",
  {
    type: string(1)
      .named("ReplicationControllerConditionType")
      .always.required.doc("What the condition is about, such as ReplicaFailure."),
    status: string(2).named("ConditionStatus").always.required.doc("True, False or Unknown."),
    lastTransitionTime: time(3).always.doc("When the status last changed."),
    reason: string(4).doc("Why, in one word for programs."),
    message: string(5).doc("Why, in a sentence for people."),
  },
  { doc: "One aspect of a ReplicationController's state." },
);
export interface ReplicationControllerCondition extends Infer<typeof ReplicationControllerCondition> {}

export const ReplicationControllerStatus = message(
  "io.k8s.api.core.v1.ReplicationControllerStatus",
  {
    replicas: int32(1).always.required.doc("Pods that are not terminating."),
    fullyLabeledReplicas: int32(2).doc("Those of them that have all labels of the template."),
    observedGeneration: int64(3).doc("The generation of the controller that this status speaks of."),
    readyReplicas: int32(4).doc("Those of the Pods that are ready."),
    availableReplicas: int32(5).doc("Those of the Pods that have been ready for minReadySeconds."),
    conditions: list(6, ReplicationControllerCondition)
      .listMap("type")
      .merge("type")
      .doc("Whether Pods could be made."),
  },
  { doc: "What a ReplicationController is." },
);
export interface ReplicationControllerStatus extends Infer<typeof ReplicationControllerStatus> {}
