export * from "./messages.ts";
export { NodeMetrics, NodeMetricsSchema } from "./nodeMetrics.ts";
export { PodMetrics, PodMetricsSchema } from "./podMetrics.ts";
