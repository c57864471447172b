export * from "./messages.ts";
export { Scale, ScaleSchema } from "./scale.ts";
