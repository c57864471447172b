import { type Infer, int32, message, microTime, string } from "../../../apimachinery/schema.ts";

export const EventSource = message(
  "io.k8s.api.core.v1.EventSource",
  {
    component: string(1).doc("The component."),
    host: string(2).doc("The node on which the component runs."),
  },
  { doc: "Who reported an event." },
);
export interface EventSource extends Infer<typeof EventSource> {}

export const EventSeries = message(
  "io.k8s.api.core.v1.EventSeries",
  {
    count: int32(1).doc("How often so far."),
    lastObservedTime: microTime(2).always.doc("When it was last seen."),
  },
  { doc: "An event that goes on happening." },
);
export interface EventSeries extends Infer<typeof EventSeries> {}
