import { type Infer, int32, message, microTime } from "../../../apimachinery/schema.ts";

export const EventSeries = message(
  "io.k8s.api.events.v1.EventSeries",
  {
    count: int32(1).always.required.doc("How often it has happened so far."),
    lastObservedTime: microTime(2).always.required.doc("When it last happened."),
  },
  { doc: "The same thing happening again and again." },
);
export interface EventSeries extends Infer<typeof EventSeries> {}
