export { type ClusterAutoscalerOptions, runClusterAutoscaler } from "./autoscaler.ts";
export { type AutoscalerOptions, DEFAULTS } from "./options.ts";
export type { Rehearsal } from "./rehearsal.ts";
