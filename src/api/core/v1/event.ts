import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, int32, message, microTime, string, struct, time } from "../../../apimachinery/schema.ts";
import { pathSegment } from "../../../apimachinery/validation/names.ts";
import { eventColumns } from "./columns/event.ts";
import { EventSeries, EventSource } from "./eventSource.ts";
import { ObjectReference } from "./references.ts";
import { validateEvent } from "./validation/event.ts";

export const EventSchema = message("io.k8s.api.core.v1.Event", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta).required,
  involvedObject: struct(2, ObjectReference).required,
  reason: string(3),
  message: string(4),
  source: struct(5, EventSource),
  firstTimestamp: time(6).always,
  lastTimestamp: time(7).always,
  count: int32(8),
  type: string(9),
  eventTime: microTime(10).always,
  series: struct(11, EventSeries).optional,
  action: string(12),
  related: struct(13, ObjectReference).optional,
  reportingComponent: string(14).always,
  reportingInstance: string(15).always,
});
export interface Event extends Infer<typeof EventSchema> {}

export const Event = defineKind<Event>({
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  scope: "Namespaced",
  schema: EventSchema,
  columns: eventColumns,
  // events are many and short-lived: any name will do that can stand in a path
  validateName: pathSegment,
  validate: validateEvent,
  selectableFields: {
    "involvedObject.kind": ({ involvedObject }) => involvedObject.kind ?? "",
    "involvedObject.namespace": ({ involvedObject }) => involvedObject.namespace ?? "",
    "involvedObject.name": ({ involvedObject }) => involvedObject.name ?? "",
    "involvedObject.uid": ({ involvedObject }) => involvedObject.uid ?? "",
    "involvedObject.apiVersion": ({ involvedObject }) => involvedObject.apiVersion ?? "",
    "involvedObject.resourceVersion": ({ involvedObject }) => involvedObject.resourceVersion ?? "",
    "involvedObject.fieldPath": ({ involvedObject }) => involvedObject.fieldPath ?? "",
    reason: ({ reason }) => reason ?? "",
    reportingComponent: ({ reportingComponent }) => reportingComponent,
    source: ({ source, reportingComponent }) => source.component || reportingComponent,
    type: ({ type }) => type ?? "",
  },
});
