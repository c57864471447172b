import type { Column } from "../../../apimachinery/kind.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import type { HorizontalPodAutoscaler } from "./horizontalPodAutoscaler.ts";
import type { MetricSpec, MetricTarget } from "./metricSources.ts";
import type { MetricStatus, MetricValueStatus } from "./metricStatuses.ts";

const UNKNOWN = "<unknown>";
/** More metrics than these are only counted. */
const SHOWN = 2;

export const autoscalerColumns: Column<HorizontalPodAutoscaler>[] = [
  nameColumn(),
  {
    name: "Reference",
    type: "string",
    description: "What is scaled.",
    value: ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
  },
  {
    name: "Targets",
    type: "string",
    description: "Each metric as last read, and what it should be.",
    value: ({ spec, status }) => printMetrics(spec.metrics ?? [], status.currentMetrics ?? []),
  },
  {
    name: "MinPods",
    type: "string",
    description: "The fewest Pods.",
    value: ({ spec }) => (spec.minReplicas === undefined ? "<unset>" : String(spec.minReplicas)),
  },
  { name: "MaxPods", type: "string", description: "The most Pods.", value: ({ spec }) => spec.maxReplicas },
  {
    name: "Replicas",
    type: "string",
    description: "How many Pods there were when it last looked.",
    value: ({ status }) => status.currentReplicas ?? 0,
  },
  ageColumn(),
];

function printMetrics(specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (specs.length === 0) return "<none>";
  const shown = specs.slice(0, SHOWN).map((spec, i) => printMetric(spec, statuses[i]));
  const more = specs.length - SHOWN;
  return more > 0 ? `${shown.join(", ")} + ${more} more...` : shown.join(", ");
}

function printMetric(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case "External":
      return printAmount(spec.external?.target, status?.external?.current);
    case "Object":
      return printAmount(spec.object?.target, status?.object?.current);
    case "Pods":
      return `${status?.pods?.current.averageValue ?? UNKNOWN}/${spec.pods?.target.averageValue ?? UNKNOWN}`;
    case "Resource":
      return printResource(spec.resource, status?.resource?.current);
    case "ContainerResource":
      return printResource(spec.containerResource, status?.containerResource?.current);
    default:
      return "<unknown type>";
  }
}

function printAmount(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
  return `${current?.value ?? UNKNOWN}/${target?.value ?? UNKNOWN}`;
}

function printResource(
  source: { name: string; target: MetricTarget } | undefined,
  current: MetricValueStatus | undefined,
): string {
  const { name = "", target } = source ?? {};
  if (target?.averageValue !== undefined) return `${name}: ${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  const wanted = target?.averageUtilization === undefined ? "<auto>" : `${target.averageUtilization}%`;
  const found = current?.averageUtilization === undefined ? UNKNOWN : `${current.averageUtilization}%`;
  return `${name}: ${found}/${wanted}`;
}
