import { LabelSelector } from "../../../apimachinery/meta.ts";
import { type Infer, int32, message, quantity, string, struct } from "../../../apimachinery/schema.ts";

export const CrossVersionObjectReference = message(
  "io.k8s.api.autoscaling.v2.CrossVersionObjectReference",
  {
    kind: string(1).always.required.doc("The object's kind."),
    name: string(2).always.required.doc("The object's name, in the same namespace."),
    apiVersion: string(3).doc("The group and version in which the kind is served."),
  },
  { doc: "Names an object of any kind in the same namespace." },
);
export interface CrossVersionObjectReference extends Infer<typeof CrossVersionObjectReference> {}

export const MetricIdentifier = message(
  "io.k8s.api.autoscaling.v2.MetricIdentifier",
  {
    name: string(1).always.required.doc("The metric's name, as whoever serves it calls it."),
    selector: struct(2, LabelSelector).optional.doc("Which of the metric's series count, by their labels; unset: all."),
  },
  { doc: "Names a metric and, if need be, some of its series." },
);
export interface MetricIdentifier extends Infer<typeof MetricIdentifier> {}

export const MetricTarget = message(
  "io.k8s.api.autoscaling.v2.MetricTarget",
  {
    type: string(1)
      .named("MetricTargetType")
      .always.required.doc("How the target is given: Utilization, Value or AverageValue."),
    value: quantity(2).optional.doc("What the metric as a whole should be."),
    averageValue: quantity(3).optional.doc("What the metric divided by the number of Pods should be."),
    averageUtilization: int32(4).optional.doc(
      "What the Pods should use on average, in percent of what they request. For resources only.",
    ),
  },
  { doc: "The amount of a metric that is aimed at." },
);
export interface MetricTarget extends Infer<typeof MetricTarget> {}

export const ContainerResourceMetricSource = message(
  "io.k8s.api.autoscaling.v2.ContainerResourceMetricSource",
  {
    name: string(1).named("v1.ResourceName").always.required.doc("The resource, such as cpu."),
    target: struct(2, MetricTarget).required.doc("What is aimed at."),
    container: string(3).always.required.doc("The container of each Pod whose use counts."),
  },
  { doc: "The use of a resource by one container of each Pod." },
);
export interface ContainerResourceMetricSource extends Infer<typeof ContainerResourceMetricSource> {}

export const ExternalMetricSource = message(
  "io.k8s.api.autoscaling.v2.ExternalMetricSource",
  {
    metric: struct(1, MetricIdentifier).required.doc("The metric."),
    target: struct(2, MetricTarget).required.doc("What is aimed at."),
  },
  { doc: "A metric of something outside the cluster, such as the length of a queue." },
);
export interface ExternalMetricSource extends Infer<typeof ExternalMetricSource> {}

export const ObjectMetricSource = message(
  "io.k8s.api.autoscaling.v2.ObjectMetricSource",
  {
    describedObject: struct(1, CrossVersionObjectReference).required.doc("The object that the metric is about."),
    target: struct(2, MetricTarget).required.doc("What is aimed at."),
    metric: struct(3, MetricIdentifier).required.doc("The metric."),
  },
  { doc: "A metric of one object of the cluster, such as the requests that an Ingress gets." },
);
export interface ObjectMetricSource extends Infer<typeof ObjectMetricSource> {}

export const PodsMetricSource = message(
  "io.k8s.api.autoscaling.v2.PodsMetricSource",
  {
    metric: struct(1, MetricIdentifier).required.doc("The metric."),
    target: struct(2, MetricTarget).required.doc("What is aimed at; always an average."),
  },
  { doc: "A metric that each Pod has, averaged over the Pods." },
);
export interface PodsMetricSource extends Infer<typeof PodsMetricSource> {}

export const ResourceMetricSource = message(
  "io.k8s.api.autoscaling.v2.ResourceMetricSource",
  {
    name: string(1).named("v1.ResourceName").always.required.doc("The resource, such as cpu."),
    target: struct(2, MetricTarget).required.doc("What is aimed at."),
  },
  { doc: "The use of a resource by all containers of each Pod." },
);
export interface ResourceMetricSource extends Infer<typeof ResourceMetricSource> {}

export const MetricSpec = message(
  "io.k8s.api.autoscaling.v2.MetricSpec",
  {
    type: string(1)
      .named("MetricSourceType")
      .always.required.doc("Which of the sources is set: ContainerResource, External, Object, Pods or Resource."),
    object: struct(2, ObjectMetricSource).optional.doc("A metric of one object of the cluster."),
    pods: struct(3, PodsMetricSource).optional.doc("A metric that each Pod has."),
    resource: struct(4, ResourceMetricSource).optional.doc("A resource that the Pods use."),
    external: struct(5, ExternalMetricSource).optional.doc("A metric of something outside the cluster."),
    containerResource: struct(7, ContainerResourceMetricSource).optional.doc(
      "A resource that one container of each Pod uses.",
    ),
  },
  { doc: "One metric to scale by, and what it should be." },
);
export interface MetricSpec extends Infer<typeof MetricSpec> {}
