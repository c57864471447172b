export { DEFAULT_CPU_UTILIZATION } from "./defaults.ts";
export { HorizontalPodAutoscaler, HorizontalPodAutoscalerSchema } from "./horizontalPodAutoscaler.ts";
export * from "./horizontalPodAutoscalerMessages.ts";
export * from "./metricSources.ts";
export * from "./metricStatuses.ts";
