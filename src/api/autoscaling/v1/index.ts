export { HorizontalPodAutoscaler, HorizontalPodAutoscalerSchema } from "./horizontalPodAutoscaler.ts";
export * from "./horizontalPodAutoscalerMessages.ts";
export * from "./messages.ts";
export { Scale, ScaleSchema } from "./scale.ts";
