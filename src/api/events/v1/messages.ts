import { type Infer, int32, message, microTime } from "../../../apimachinery/schema.ts";

export const EventSeries = message("io.k8s.api.events.v1.EventSeries", {
  count: int32(1).always.required,
  lastObservedTime: microTime(2).always.required,
});
export interface EventSeries extends Infer<typeof EventSeries> {}
