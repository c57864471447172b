import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, int32, message, microTime, string, struct, time } from "../../../apimachinery/schema.ts";
import { EventSource, ObjectReference } from "../../core/v1/messages.ts";
import { EventSeries } from "./messages.ts";

export const EventSchema = message("io.k8s.api.events.v1.Event", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  eventTime: microTime(2).always.required,
  series: struct(3, EventSeries).optional,
  reportingController: string(4),
  reportingInstance: string(5),
  action: string(6),
  reason: string(7),
  regarding: struct(8, ObjectReference).optional,
  related: struct(9, ObjectReference).optional,
  note: string(10),
  type: string(11),
  deprecatedSource: struct(12, EventSource).optional,
  deprecatedFirstTimestamp: time(13).optional,
  deprecatedLastTimestamp: time(14).optional,
  deprecatedCount: int32(15),
});
export interface Event extends Infer<typeof EventSchema> {}

export const Event = defineKind<Event>({
  group: "events.k8s.io",
  version: "v1",
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  scope: "Namespaced",
  schema: EventSchema,
  columns: [],
});
