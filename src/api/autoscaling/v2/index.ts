export { HorizontalPodAutoscaler, HorizontalPodAutoscalerSchema } from "./horizontalPodAutoscaler.ts";
export * from "./horizontalPodAutoscalerMessages.ts";
