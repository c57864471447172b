import { autoscalerDefaults } from "../v2/defaults.ts";
import type { HorizontalPodAutoscaler as Stored } from "../v2/horizontalPodAutoscaler.ts";
import type {
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerCondition,
} from "../v2/horizontalPodAutoscalerMessages.ts";
import type { MetricSpec } from "../v2/metricSources.ts";
import { readBehavior, writeBehavior } from "./behaviorAnnotation.ts";
import type { HorizontalPodAutoscaler } from "./horizontalPodAutoscaler.ts";
import { fromMetricSpec, fromMetricStatus, toMetricSpec, toMetricStatus } from "./metricAnnotations.ts";

/**
 * The way of an autoscaler to the version in which it is stored, and back. What v1 has no fields for (other metrics than
 * the utilization of CPU, behaviour, conditions) it carries in annotations, as JSON.
 */
export const METRICS_ANNOTATION = "autoscaling.alpha.kubernetes.io/metrics";
const CURRENT_METRICS_ANNOTATION = "autoscaling.alpha.kubernetes.io/current-metrics";
const CONDITIONS_ANNOTATION = "autoscaling.alpha.kubernetes.io/conditions";
const BEHAVIOR_ANNOTATION = "autoscaling.alpha.kubernetes.io/behavior";
const ANNOTATIONS = [METRICS_ANNOTATION, CURRENT_METRICS_ANNOTATION, CONDITIONS_ANNOTATION, BEHAVIOR_ANNOTATION];

export function toV2(autoscaler: HorizontalPodAutoscaler): Stored {
  const { metadata, spec, status } = autoscaler;
  const { annotations } = metadata;
  const metrics = read<object[]>(annotations, METRICS_ANNOTATION)?.map(toMetricSpec) ?? [];
  const cpu = spec.targetCPUUtilizationPercentage;
  if (cpu !== undefined) metrics.push(cpuUtilization(cpu));
  const current = read<object[]>(annotations, CURRENT_METRICS_ANNOTATION)?.map(toMetricStatus);
  const stored: Stored = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { ...metadata, annotations: withoutOurs(annotations) },
    spec: present({
      scaleTargetRef: spec.scaleTargetRef,
      minReplicas: spec.minReplicas,
      maxReplicas: spec.maxReplicas,
      metrics,
      behavior: readBehavior(read(annotations, BEHAVIOR_ANNOTATION)) as HorizontalPodAutoscalerBehavior | undefined,
    }),
    status: present({
      observedGeneration: status?.observedGeneration,
      lastScaleTime: status?.lastScaleTime,
      currentReplicas: status?.currentReplicas || undefined,
      desiredReplicas: status?.desiredReplicas ?? 0,
      currentMetrics: current ?? currentCpu(status?.currentCPUUtilizationPercentage),
      conditions: read<HorizontalPodAutoscalerCondition[]>(annotations, CONDITIONS_ANNOTATION),
    }),
  };
  if (stored.metadata.annotations === undefined) delete stored.metadata.annotations;
  autoscalerDefaults(stored);
  return stored;
}

export function fromV2(stored: Stored): HorizontalPodAutoscaler {
  const { metadata, spec, status } = stored;
  const cpu = spec.metrics?.find(isCpuUtilization)?.resource?.target.averageUtilization;
  const current = status.currentMetrics?.find(({ type, resource }) => type === "Resource" && resource?.name === "cpu");
  const annotations = { ...withoutOurs(metadata.annotations), ...annotationsFor(stored) };
  const autoscaler: HorizontalPodAutoscaler = {
    apiVersion: "autoscaling/v1",
    kind: "HorizontalPodAutoscaler",
    metadata: { ...metadata },
    spec: present({
      scaleTargetRef: spec.scaleTargetRef,
      minReplicas: spec.minReplicas,
      maxReplicas: spec.maxReplicas,
      targetCPUUtilizationPercentage: cpu,
    }),
    status: present({
      observedGeneration: status.observedGeneration,
      lastScaleTime: status.lastScaleTime,
      currentReplicas: status.currentReplicas ?? 0,
      desiredReplicas: status.desiredReplicas,
      currentCPUUtilizationPercentage: current?.resource?.current.averageUtilization,
    }),
  };
  if (Object.keys(annotations).length > 0) autoscaler.metadata.annotations = annotations;
  return autoscaler;
}

const cpuUtilization = (percentage: number): MetricSpec => ({
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: percentage } },
});

function isCpuUtilization({ type, resource }: MetricSpec): boolean {
  return type === "Resource" && resource?.name === "cpu" && resource.target.averageUtilization !== undefined;
}

function currentCpu(percentage: number | undefined): Stored["status"]["currentMetrics"] {
  if (percentage === undefined) return null as never;
  return [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: percentage } } }];
}

/** What v1 has no fields for. */
function annotationsFor({ spec, status }: Stored): Record<string, string> {
  const others = (spec.metrics ?? []).filter((metric) => !isCpuUtilization(metric)).map(fromMetricSpec);
  const current = (status.currentMetrics ?? []).map(fromMetricStatus);
  const conditions = status.conditions ?? [];
  return {
    ...(others.length > 0 && { [METRICS_ANNOTATION]: JSON.stringify(others) }),
    ...(current.length > 0 && { [CURRENT_METRICS_ANNOTATION]: JSON.stringify(current) }),
    ...(spec.behavior && { [BEHAVIOR_ANNOTATION]: JSON.stringify(writeBehavior(spec.behavior)) }),
    ...(conditions.length > 0 && { [CONDITIONS_ANNOTATION]: JSON.stringify(conditions) }),
  };
}

/** An annotation that is no JSON is nobody's round trip, and says nothing. */
function read<T>(annotations: Record<string, string> | undefined, name: string): T | undefined {
  const text = annotations?.[name];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

function withoutOurs(annotations: Record<string, string> | undefined): Record<string, string> | undefined {
  const kept = Object.entries(annotations ?? {}).filter(([name]) => !ANNOTATIONS.includes(name));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** Without what is not set. */
function present<T extends object>(object: T): T {
  for (const key in object) if (object[key] === undefined) delete object[key];
  return object;
}
