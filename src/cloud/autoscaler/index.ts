export { type ClusterAutoscalerOptions, runClusterAutoscaler } from "./autoscaler.ts";
export { type AutoscalerOptions, DEFAULTS } from "./options.ts";
