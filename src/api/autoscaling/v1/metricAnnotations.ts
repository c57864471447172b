import type { LabelSelector } from "../../../apimachinery/meta.ts";
import type { CrossVersionObjectReference, MetricSpec, MetricTarget } from "../v2/metricSources.ts";
import type { MetricStatus, MetricValueStatus } from "../v2/metricStatuses.ts";

/** Metrics as v1's annotations write them: targets and readings stand beside the metric's name instead of in a message. */
interface WrittenMetric {
  type?: string;
  object?: {
    target?: CrossVersionObjectReference;
    metricName?: string;
    selector?: LabelSelector;
    targetValue?: string;
    currentValue?: string;
    averageValue?: string;
  };
  pods?: { metricName?: string; selector?: LabelSelector; targetAverageValue?: string; currentAverageValue?: string };
  resource?: WrittenResource;
  containerResource?: WrittenResource & { container?: string };
  external?: {
    metricName?: string;
    metricSelector?: LabelSelector;
    targetValue?: string;
    targetAverageValue?: string;
    currentValue?: string;
    currentAverageValue?: string;
  };
}
interface WrittenResource {
  name?: string;
  targetAverageUtilization?: number;
  targetAverageValue?: string;
  currentAverageUtilization?: number;
  currentAverageValue?: string;
}

/** v1 has no word for "none" here. */
const NOTHING = "0";

export function fromMetricSpec({ type, ...metric }: MetricSpec): WrittenMetric {
  const { object, pods, resource, containerResource, external } = metric;
  return {
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      targetValue: object.target.value ?? NOTHING,
      selector: object.metric.selector,
      averageValue: object.target.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      targetAverageValue: pods.target.averageValue ?? NOTHING,
      selector: pods.metric.selector,
    },
    resource: resource && { name: resource.name, ...writtenTarget(resource.target) },
    containerResource: containerResource && {
      name: containerResource.name,
      ...writtenTarget(containerResource.target),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      targetValue: external.target.value,
      targetAverageValue: external.target.averageValue,
    },
  };
}

const writtenTarget = ({ averageUtilization, averageValue }: MetricTarget): WrittenResource => ({
  targetAverageUtilization: averageUtilization,
  targetAverageValue: averageValue,
});

export function toMetricSpec(written: WrittenMetric): MetricSpec {
  const { type = "", object, pods, resource, containerResource, external } = written;
  return {
    type,
    ...(object && {
      object: {
        describedObject: object.target ?? { kind: "", name: "" },
        metric: identifier(object.metricName, object.selector),
        target: target(object.targetValue === NOTHING ? undefined : object.targetValue, object.averageValue),
      },
    }),
    ...(pods && {
      pods: { metric: identifier(pods.metricName, pods.selector), target: target(undefined, pods.targetAverageValue) },
    }),
    ...(resource && { resource: { name: resource.name ?? "", target: resourceTarget(resource) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name ?? "",
        target: resourceTarget(containerResource),
        container: containerResource.container ?? "",
      },
    }),
    ...(external && {
      external: {
        metric: identifier(external.metricName, external.metricSelector),
        target: target(external.targetValue, external.targetAverageValue),
      },
    }),
  };
}

const identifier = (name = "", selector?: LabelSelector) => ({ name, ...(selector && { selector }) });

function target(value: string | undefined, averageValue: string | undefined): MetricTarget {
  if (averageValue === undefined) return { type: "Value", ...(value !== undefined && { value }) };
  return { type: "AverageValue", ...(value !== undefined && { value }), averageValue };
}

function resourceTarget({ targetAverageUtilization, targetAverageValue }: WrittenResource): MetricTarget {
  if (targetAverageUtilization === undefined) return target(undefined, targetAverageValue ?? NOTHING);
  return { type: "Utilization", averageUtilization: targetAverageUtilization };
}

export function fromMetricStatus({ type, ...metric }: MetricStatus): WrittenMetric {
  const { object, pods, resource, containerResource, external } = metric;
  return {
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      currentValue: object.current.value ?? NOTHING,
      selector: object.metric.selector,
      averageValue: object.current.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      currentAverageValue: pods.current.averageValue ?? NOTHING,
      selector: pods.metric.selector,
    },
    resource: resource && { name: resource.name, ...writtenCurrent(resource.current) },
    containerResource: containerResource && {
      name: containerResource.name,
      ...writtenCurrent(containerResource.current),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      currentValue: external.current.value ?? NOTHING,
      currentAverageValue: external.current.averageValue,
    },
  };
}

const writtenCurrent = ({ averageUtilization, averageValue = NOTHING }: MetricValueStatus): WrittenResource => ({
  currentAverageUtilization: averageUtilization,
  currentAverageValue: averageValue,
});

export function toMetricStatus(written: WrittenMetric): MetricStatus {
  const { type = "", object, pods, resource, containerResource, external } = written;
  return {
    type,
    ...(object && {
      object: {
        describedObject: object.target ?? { kind: "", name: "" },
        metric: identifier(object.metricName, object.selector),
        current: current(object.currentValue, object.averageValue),
      },
    }),
    ...(pods && {
      pods: {
        metric: identifier(pods.metricName, pods.selector),
        current: current(undefined, pods.currentAverageValue),
      },
    }),
    ...(resource && { resource: { name: resource.name ?? "", current: resourceCurrent(resource) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name ?? "",
        current: resourceCurrent(containerResource),
        container: containerResource.container ?? "",
      },
    }),
    ...(external && {
      external: {
        metric: identifier(external.metricName, external.metricSelector),
        current: current(external.currentValue, external.currentAverageValue),
      },
    }),
  };
}

const current = (value: string | undefined, averageValue: string | undefined): MetricValueStatus => ({
  ...(value !== undefined && { value }),
  ...(averageValue !== undefined && { averageValue }),
});

const resourceCurrent = (written: WrittenResource): MetricValueStatus => ({
  ...current(undefined, written.currentAverageValue),
  ...(written.currentAverageUtilization !== undefined && { averageUtilization: written.currentAverageUtilization }),
});
