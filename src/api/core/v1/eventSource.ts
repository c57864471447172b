import { type Infer, int32, message, microTime, string } from "../../../apimachinery/schema.ts";

export const EventSource = message("io.k8s.api.core.v1.EventSource", {
  component: string(1),
  host: string(2),
});
export interface EventSource extends Infer<typeof EventSource> {}

export const EventSeries = message("io.k8s.api.core.v1.EventSeries", {
  count: int32(1),
  lastObservedTime: microTime(2).always,
});
export interface EventSeries extends Infer<typeof EventSeries> {}
