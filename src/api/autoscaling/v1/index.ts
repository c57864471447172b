export * from "./messages.ts";
export { type Scale, ScaleSchema } from "./scale.ts";
