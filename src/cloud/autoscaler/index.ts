export { type ClusterAutoscalerOptions, runClusterAutoscaler } from "./autoscaler.ts";
export { type Expander, expanderNames, isExpander } from "./expander.ts";
export { type AutoscalerOptions, DEFAULTS } from "./options.ts";
export type { Rehearsal } from "./rehearsal.ts";
