import { type Infer, int32, int64, message, string, struct, time } from "../../../apimachinery/schema.ts";

export const CrossVersionObjectReference = message(
  "io.k8s.api.autoscaling.v1.CrossVersionObjectReference",
  {
    kind: string(1).always.required,
    name: string(2).always.required,
    apiVersion: string(3),
  },
  { mapType: "atomic" },
);
export interface CrossVersionObjectReference extends Infer<typeof CrossVersionObjectReference> {}

export const HorizontalPodAutoscalerSpec = message("io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec", {
  scaleTargetRef: struct(1, CrossVersionObjectReference).required,
  minReplicas: int32(2).optional,
  maxReplicas: int32(3).always.required,
  targetCPUUtilizationPercentage: int32(4).optional,
});
export interface HorizontalPodAutoscalerSpec extends Infer<typeof HorizontalPodAutoscalerSpec> {}

export const HorizontalPodAutoscalerStatus = message("io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus", {
  observedGeneration: int64(1).optional,
  lastScaleTime: time(2).optional,
  currentReplicas: int32(3).always.required,
  desiredReplicas: int32(4).always.required,
  currentCPUUtilizationPercentage: int32(5).optional,
});
export interface HorizontalPodAutoscalerStatus extends Infer<typeof HorizontalPodAutoscalerStatus> {}
