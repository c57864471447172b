import { type Infer, int32, int64, message, string, struct, time } from "../../../apimachinery/schema.ts";

export const CrossVersionObjectReference = message(
  "io.k8s.api.autoscaling.v1.CrossVersionObjectReference",
  {
    kind: string(1).always.required.doc("The object's kind."),
    name: string(2).always.required.doc("The object's name, in the same namespace."),
    apiVersion: string(3).doc("The group and version in which the kind is served."),
  },
  { doc: "Names an object of any kind in the same namespace.", mapType: "atomic" },
);
export interface CrossVersionObjectReference extends Infer<typeof CrossVersionObjectReference> {}

export const HorizontalPodAutoscalerSpec = message(
  "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec",
  {
    scaleTargetRef: struct(1, CrossVersionObjectReference).required.doc(
      "What is scaled: anything with a scale subresource. Its Pods are the ones that are measured.",
    ),
    minReplicas: int32(2).optional.doc("The fewest Pods; at least 1, which is the default."),
    maxReplicas: int32(3).always.required.doc("The most Pods; no less than the fewest."),
    targetCPUUtilizationPercentage: int32(4).optional.doc(
      "What the Pods should use on average, in percent of the CPU time they request. Default: 80, unless other metrics are given.",
    ),
  },
  { doc: "What is wanted of an autoscaler." },
);
export interface HorizontalPodAutoscalerSpec extends Infer<typeof HorizontalPodAutoscalerSpec> {}

export const HorizontalPodAutoscalerStatus = message(
  "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus",
  {
    observedGeneration: int64(1).optional.doc("The generation that this status speaks of."),
    lastScaleTime: time(2).optional.doc("When it last changed the number of Pods."),
    currentReplicas: int32(3).always.required.doc("How many Pods there were when it last looked."),
    desiredReplicas: int32(4).always.required.doc("How many Pods it last asked for."),
    currentCPUUtilizationPercentage: int32(5).optional.doc(
      "What the Pods used on average, in percent of the CPU time they request, when it last looked.",
    ),
  },
  { doc: "What an autoscaler has seen and done." },
);
export interface HorizontalPodAutoscalerStatus extends Infer<typeof HorizontalPodAutoscalerStatus> {}
