import {
  type Infer,
  int32,
  int64,
  list,
  message,
  quantity,
  string,
  struct,
  time,
} from "../../../apimachinery/schema.ts";
import { CrossVersionObjectReference, MetricSpec } from "./metricSources.ts";
import { MetricStatus } from "./metricStatuses.ts";

export const HPAScalingPolicy = message(
  "io.k8s.api.autoscaling.v2.HPAScalingPolicy",
  {
    type: string(1).named("HPAScalingPolicyType").always.required.doc("What `value` counts: Pods or Percent."),
    value: int32(2).always.required.doc("How much change is allowed; more than zero."),
    periodSeconds: int32(3).always.required.doc("Within how many seconds, up to 1800, that much change is allowed."),
  },
  { doc: "Limits how much the number of Pods may change within a time." },
);
export interface HPAScalingPolicy extends Infer<typeof HPAScalingPolicy> {}

export const HPAScalingRules = message(
  "io.k8s.api.autoscaling.v2.HPAScalingRules",
  {
    selectPolicy: string(1)
      .named("ScalingPolicySelect")
      .optional.doc(
        "Which of the policies decides: Max (the default), Min, or Disabled for no change in this direction.",
      ),
    policies: list(2, HPAScalingPolicy).optional.atomicList.doc("What change is allowed; at least one."),
    stabilizationWindowSeconds: int32(3).optional.doc(
      "For how many past seconds, up to 3600, recommendations are considered, so that the number does not flap. Default: 0 up, 300 down.",
    ),
    tolerance: quantity(4).optional.doc(
      "By how much, relative to the target, a metric may be off before this direction acts. Default: what the cluster is set to, 0.1.",
    ),
  },
  { doc: "How scaling behaves in one direction." },
);
export interface HPAScalingRules extends Infer<typeof HPAScalingRules> {}

export const HorizontalPodAutoscalerBehavior = message(
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior",
  {
    scaleUp: struct(1, HPAScalingRules).optional.doc(
      "For more Pods. Default: at once, four Pods or twice as many in 15 seconds, whichever is more.",
    ),
    scaleDown: struct(2, HPAScalingRules).optional.doc(
      "For fewer Pods. Default: down to the least in one go, after five minutes of asking for no more.",
    ),
  },
  { doc: "How scaling behaves in each direction." },
);
export interface HorizontalPodAutoscalerBehavior extends Infer<typeof HorizontalPodAutoscalerBehavior> {}

export const HorizontalPodAutoscalerSpec = message(
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec",
  {
    scaleTargetRef: struct(1, CrossVersionObjectReference).required.doc(
      "What is scaled: anything with a scale subresource. Its Pods are the ones that metrics are read of.",
    ),
    minReplicas: int32(2).optional.doc("The fewest Pods; at least 1, which is the default."),
    maxReplicas: int32(3).always.required.doc("The most Pods; no less than the fewest."),
    metrics: list(4, MetricSpec).atomicList.doc(
      "What to scale by. The one that asks for most Pods decides. Default: 80 percent of the requested CPU time.",
    ),
    behavior: struct(5, HorizontalPodAutoscalerBehavior).optional.doc("How fast to follow, in each direction."),
  },
  { doc: "What is wanted of an autoscaler." },
);
export interface HorizontalPodAutoscalerSpec extends Infer<typeof HorizontalPodAutoscalerSpec> {}

export const HorizontalPodAutoscalerCondition = message(
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition",
  {
    type: string(1)
      .named("HorizontalPodAutoscalerConditionType")
      .always.required.doc("What it is about: AbleToScale, ScalingActive or ScalingLimited."),
    status: string(2).named("v1.ConditionStatus").always.required.doc("True, False or Unknown."),
    lastTransitionTime: time(3).always.doc("When the status last changed."),
    reason: string(4).doc("Why, in one word for programs."),
    message: string(5).doc("Why, in a sentence for people."),
  },
  { doc: "Whether something holds of an autoscaler, and why." },
);
export interface HorizontalPodAutoscalerCondition extends Infer<typeof HorizontalPodAutoscalerCondition> {}

export const HorizontalPodAutoscalerStatus = message(
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus",
  {
    observedGeneration: int64(1).optional.doc("The generation that this status speaks of."),
    lastScaleTime: time(2).optional.doc("When it last changed the number of Pods."),
    currentReplicas: int32(3).doc("How many Pods there were when it last looked."),
    desiredReplicas: int32(4).always.required.doc("How many Pods it last asked for."),
    currentMetrics: list(5, MetricStatus).always.atomicList.doc("The metrics as they were last read."),
    conditions: list(6, HorizontalPodAutoscalerCondition)
      .listMap("type")
      .merge("type")
      .doc("What keeps it from scaling, or does not."),
  },
  { doc: "What an autoscaler has seen and done." },
);
export interface HorizontalPodAutoscalerStatus extends Infer<typeof HorizontalPodAutoscalerStatus> {}
