import { LabelSelector } from "../../../apimachinery/meta.ts";
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

export const HPAScalingPolicy = message("io.k8s.api.autoscaling.v2.HPAScalingPolicy", {
  type: string(1).always.required,
  value: int32(2).always.required,
  periodSeconds: int32(3).always.required,
});
export interface HPAScalingPolicy extends Infer<typeof HPAScalingPolicy> {}

export const HPAScalingRules = message("io.k8s.api.autoscaling.v2.HPAScalingRules", {
  selectPolicy: string(1),
  policies: list(2, HPAScalingPolicy).atomicList,
  stabilizationWindowSeconds: int32(3).optional,
  tolerance: quantity(4).optional,
});
export interface HPAScalingRules extends Infer<typeof HPAScalingRules> {}

export const HorizontalPodAutoscalerBehavior = message("io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior", {
  scaleUp: struct(1, HPAScalingRules).optional,
  scaleDown: struct(2, HPAScalingRules).optional,
});
export interface HorizontalPodAutoscalerBehavior extends Infer<typeof HorizontalPodAutoscalerBehavior> {}

export const MetricTarget = message("io.k8s.api.autoscaling.v2.MetricTarget", {
  type: string(1).always.required,
  value: quantity(2).optional,
  averageValue: quantity(3).optional,
  averageUtilization: int32(4).optional,
});
export interface MetricTarget extends Infer<typeof MetricTarget> {}

export const ContainerResourceMetricSource = message("io.k8s.api.autoscaling.v2.ContainerResourceMetricSource", {
  name: string(1).always.required,
  target: struct(2, MetricTarget).required,
  container: string(3).always.required,
});
export interface ContainerResourceMetricSource extends Infer<typeof ContainerResourceMetricSource> {}

export const MetricIdentifier = message("io.k8s.api.autoscaling.v2.MetricIdentifier", {
  name: string(1).always.required,
  selector: struct(2, LabelSelector).optional,
});
export interface MetricIdentifier extends Infer<typeof MetricIdentifier> {}

export const ExternalMetricSource = message("io.k8s.api.autoscaling.v2.ExternalMetricSource", {
  metric: struct(1, MetricIdentifier).required,
  target: struct(2, MetricTarget).required,
});
export interface ExternalMetricSource extends Infer<typeof ExternalMetricSource> {}

export const CrossVersionObjectReference = message("io.k8s.api.autoscaling.v2.CrossVersionObjectReference", {
  kind: string(1).always.required,
  name: string(2).always.required,
  apiVersion: string(3),
});
export interface CrossVersionObjectReference extends Infer<typeof CrossVersionObjectReference> {}

export const ObjectMetricSource = message("io.k8s.api.autoscaling.v2.ObjectMetricSource", {
  describedObject: struct(1, CrossVersionObjectReference).required,
  target: struct(2, MetricTarget).required,
  metric: struct(3, MetricIdentifier).required,
});
export interface ObjectMetricSource extends Infer<typeof ObjectMetricSource> {}

export const PodsMetricSource = message("io.k8s.api.autoscaling.v2.PodsMetricSource", {
  metric: struct(1, MetricIdentifier).required,
  target: struct(2, MetricTarget).required,
});
export interface PodsMetricSource extends Infer<typeof PodsMetricSource> {}

export const ResourceMetricSource = message("io.k8s.api.autoscaling.v2.ResourceMetricSource", {
  name: string(1).always.required,
  target: struct(2, MetricTarget).required,
});
export interface ResourceMetricSource extends Infer<typeof ResourceMetricSource> {}

export const MetricSpec = message("io.k8s.api.autoscaling.v2.MetricSpec", {
  type: string(1).always.required,
  object: struct(2, ObjectMetricSource).optional,
  pods: struct(3, PodsMetricSource).optional,
  resource: struct(4, ResourceMetricSource).optional,
  external: struct(5, ExternalMetricSource).optional,
  containerResource: struct(7, ContainerResourceMetricSource).optional,
});
export interface MetricSpec extends Infer<typeof MetricSpec> {}

export const HorizontalPodAutoscalerSpec = message("io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec", {
  scaleTargetRef: struct(1, CrossVersionObjectReference).required,
  minReplicas: int32(2).optional,
  maxReplicas: int32(3).always.required,
  metrics: list(4, MetricSpec).atomicList,
  behavior: struct(5, HorizontalPodAutoscalerBehavior).optional,
});
export interface HorizontalPodAutoscalerSpec extends Infer<typeof HorizontalPodAutoscalerSpec> {}

export const HorizontalPodAutoscalerCondition = message("io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition", {
  type: string(1).always.required,
  status: string(2).always.required,
  lastTransitionTime: time(3).optional,
  reason: string(4),
  message: string(5),
});
export interface HorizontalPodAutoscalerCondition extends Infer<typeof HorizontalPodAutoscalerCondition> {}

export const MetricValueStatus = message("io.k8s.api.autoscaling.v2.MetricValueStatus", {
  value: quantity(1).optional,
  averageValue: quantity(2).optional,
  averageUtilization: int32(3).optional,
});
export interface MetricValueStatus extends Infer<typeof MetricValueStatus> {}

export const ContainerResourceMetricStatus = message("io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus", {
  name: string(1).always.required,
  current: struct(2, MetricValueStatus).required,
  container: string(3).always.required,
});
export interface ContainerResourceMetricStatus extends Infer<typeof ContainerResourceMetricStatus> {}

export const ExternalMetricStatus = message("io.k8s.api.autoscaling.v2.ExternalMetricStatus", {
  metric: struct(1, MetricIdentifier).required,
  current: struct(2, MetricValueStatus).required,
});
export interface ExternalMetricStatus extends Infer<typeof ExternalMetricStatus> {}

export const ObjectMetricStatus = message("io.k8s.api.autoscaling.v2.ObjectMetricStatus", {
  metric: struct(1, MetricIdentifier).required,
  current: struct(2, MetricValueStatus).required,
  describedObject: struct(3, CrossVersionObjectReference).required,
});
export interface ObjectMetricStatus extends Infer<typeof ObjectMetricStatus> {}

export const PodsMetricStatus = message("io.k8s.api.autoscaling.v2.PodsMetricStatus", {
  metric: struct(1, MetricIdentifier).required,
  current: struct(2, MetricValueStatus).required,
});
export interface PodsMetricStatus extends Infer<typeof PodsMetricStatus> {}

export const ResourceMetricStatus = message("io.k8s.api.autoscaling.v2.ResourceMetricStatus", {
  name: string(1).always.required,
  current: struct(2, MetricValueStatus).required,
});
export interface ResourceMetricStatus extends Infer<typeof ResourceMetricStatus> {}

export const MetricStatus = message("io.k8s.api.autoscaling.v2.MetricStatus", {
  type: string(1).always.required,
  object: struct(2, ObjectMetricStatus).optional,
  pods: struct(3, PodsMetricStatus).optional,
  resource: struct(4, ResourceMetricStatus).optional,
  external: struct(5, ExternalMetricStatus).optional,
  containerResource: struct(7, ContainerResourceMetricStatus).optional,
});
export interface MetricStatus extends Infer<typeof MetricStatus> {}

export const HorizontalPodAutoscalerStatus = message("io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus", {
  observedGeneration: int64(1).optional,
  lastScaleTime: time(2).optional,
  currentReplicas: int32(3).optional,
  desiredReplicas: int32(4).always.required,
  currentMetrics: list(5, MetricStatus).atomicList,
  conditions: list(6, HorizontalPodAutoscalerCondition).listMap("type").merge("type"),
});
export interface HorizontalPodAutoscalerStatus extends Infer<typeof HorizontalPodAutoscalerStatus> {}
