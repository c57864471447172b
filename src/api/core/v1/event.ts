import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, int32, message, microTime, string, struct, time } from "../../../apimachinery/schema.ts";
import { pathSegmentName } from "../../../apimachinery/validation/names.ts";
import { eventColumns } from "./columns/event.ts";
import { EventSeries, EventSource } from "./eventSource.ts";
import { ObjectReference } from "./references.ts";
import { validateEvent } from "./validation/event.ts";

export const EventSchema = message(
  "io.k8s.api.core.v1.Event",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).required.doc("What every stored object says about itself."),
    involvedObject: struct(2, ObjectReference).required.doc("The object that it is about."),
    reason: string(3).doc("Why, in one word, for programs."),
    message: string(4).doc("What happened, in a sentence."),
    source: struct(5, EventSource).doc("Who reported it."),
    firstTimestamp: time(6).always.doc("When it was first seen."),
    lastTimestamp: time(7).always.doc("When it was last seen."),
    count: int32(8).doc("How often it was seen."),
    type: string(9).doc("Normal or Warning."),
    eventTime: microTime(10).always.doc("When it was first seen, exactly."),
    series: struct(11, EventSeries).optional.doc("Set when it goes on happening."),
    action: string(12).doc("What was being done to the object."),
    related: struct(13, ObjectReference).optional.doc("A second object that it is about."),
    reportingComponent: string(14).always.doc("The controller that reported it, such as kubernetes.io/kubelet."),
    reportingInstance: string(15).always.doc("Which instance of that controller."),
  },
  { doc: "Something that happened to an object, for people to read; kept for a while only." },
);
export interface Event extends Infer<typeof EventSchema> {}

export const Event = defineKind<Event>({
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  scope: "Namespaced",
  plainFinalizers: true,
  schema: EventSchema,
  columns: eventColumns,
  // events are many and short-lived: any name will do that can stand in a path
  validateName: pathSegmentName,
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
