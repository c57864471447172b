import { type Infer, int32, message, quantity, string, struct } from "../../../apimachinery/schema.ts";
import { CrossVersionObjectReference, MetricIdentifier } from "./metricSources.ts";

export const MetricValueStatus = message(
  "io.k8s.api.autoscaling.v2.MetricValueStatus",
  {
    value: quantity(1).optional.doc("The metric as a whole."),
    averageValue: quantity(2).optional.doc("The metric divided by the number of Pods."),
    averageUtilization: int32(3).optional.doc("What the Pods use on average, in percent of what they request."),
  },
  { doc: "A metric as it was last read." },
);
export interface MetricValueStatus extends Infer<typeof MetricValueStatus> {}

export const ContainerResourceMetricStatus = message(
  "io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus",
  {
    name: string(1).named("v1.ResourceName").always.required.doc("The resource."),
    current: struct(2, MetricValueStatus).required.doc("What was read."),
    container: string(3).always.required.doc("The container of each Pod."),
  },
  { doc: "The use of a resource by one container of each Pod, as last read." },
);
export interface ContainerResourceMetricStatus extends Infer<typeof ContainerResourceMetricStatus> {}

export const ExternalMetricStatus = message(
  "io.k8s.api.autoscaling.v2.ExternalMetricStatus",
  {
    metric: struct(1, MetricIdentifier).required.doc("The metric."),
    current: struct(2, MetricValueStatus).required.doc("What was read."),
  },
  { doc: "A metric of something outside the cluster, as last read." },
);
export interface ExternalMetricStatus extends Infer<typeof ExternalMetricStatus> {}

export const ObjectMetricStatus = message(
  "io.k8s.api.autoscaling.v2.ObjectMetricStatus",
  {
    metric: struct(1, MetricIdentifier).required.doc("The metric."),
    current: struct(2, MetricValueStatus).required.doc("What was read."),
    describedObject: struct(3, CrossVersionObjectReference).required.doc("The object that the metric is about."),
  },
  { doc: "A metric of one object of the cluster, as last read." },
);
export interface ObjectMetricStatus extends Infer<typeof ObjectMetricStatus> {}

export const PodsMetricStatus = message(
  "io.k8s.api.autoscaling.v2.PodsMetricStatus",
  {
    metric: struct(1, MetricIdentifier).required.doc("The metric."),
    current: struct(2, MetricValueStatus).required.doc("What was read."),
  },
  { doc: "A metric that each Pod has, as last read." },
);
export interface PodsMetricStatus extends Infer<typeof PodsMetricStatus> {}

export const ResourceMetricStatus = message(
  "io.k8s.api.autoscaling.v2.ResourceMetricStatus",
  {
    name: string(1).named("v1.ResourceName").always.required.doc("The resource."),
    current: struct(2, MetricValueStatus).required.doc("What was read."),
  },
  { doc: "The use of a resource by all containers of each Pod, as last read." },
);
export interface ResourceMetricStatus extends Infer<typeof ResourceMetricStatus> {}

export const MetricStatus = message(
  "io.k8s.api.autoscaling.v2.MetricStatus",
  {
    type: string(1).named("MetricSourceType").always.required.doc("Which of the sources is set."),
    object: struct(2, ObjectMetricStatus).optional.doc("A metric of one object of the cluster."),
    pods: struct(3, PodsMetricStatus).optional.doc("A metric that each Pod has."),
    resource: struct(4, ResourceMetricStatus).optional.doc("A resource that the Pods use."),
    external: struct(5, ExternalMetricStatus).optional.doc("A metric of something outside the cluster."),
    containerResource: struct(7, ContainerResourceMetricStatus).optional.doc(
      "A resource that one container of each Pod uses.",
    ),
  },
  { doc: "One metric as it was last read." },
);
export interface MetricStatus extends Infer<typeof MetricStatus> {}
