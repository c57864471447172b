import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, int32, message, microTime, string, struct, time } from "../../../apimachinery/schema.ts";
import { Event as CoreEvent } from "../../core/v1/event.ts";
import { EventSource, ObjectReference } from "../../core/v1/messages.ts";
import { fromCoreEvent, toCoreEvent } from "./conversion.ts";
import { EventSeries } from "./messages.ts";
import { validateEvent, validateEventUpdate } from "./validation.ts";

export const EventSchema = message(
  "io.k8s.api.events.v1.Event",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    eventTime: microTime(2).always.required.doc("When it first happened."),
    series: struct(3, EventSeries).optional.doc("Set when it has happened more than once."),
    reportingController: string(4).doc("Who says so, such as kubernetes.io/kubelet."),
    reportingInstance: string(5).doc("Which one of them, such as the host's name."),
    action: string(6).doc("What was done or failed, in one word for programs."),
    reason: string(7).doc("Why, in one word for programs."),
    regarding: struct(8, ObjectReference).doc("The object that it is about."),
    related: struct(9, ObjectReference).optional.doc("Another object that has to do with it."),
    note: string(10).doc("What happened, in a sentence for people."),
    type: string(11).doc("Normal or Warning."),
    deprecatedSource: struct(12, EventSource).doc("Kept for events written through core/v1."),
    deprecatedFirstTimestamp: time(13).always.doc("Kept for events written through core/v1."),
    deprecatedLastTimestamp: time(14).always.doc("Kept for events written through core/v1."),
    deprecatedCount: int32(15).doc("Kept for events written through core/v1."),
  },
  { doc: "Something that happened to an object. Kept for a short while only." },
);
export interface Event extends Infer<typeof EventSchema> {}

export const Event = defineKind<Event>({
  group: "events.k8s.io",
  version: "v1",
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  scope: "Namespaced",
  schema: EventSchema,
  storedAs: { kind: CoreEvent as never, to: toCoreEvent, from: (stored) => fromCoreEvent(stored as CoreEvent) },
  validateCreate: (event) => validateEvent(toCoreEvent(event)),
  validateUpdate: (event, old) => validateEventUpdate(toCoreEvent(event), toCoreEvent(old)),
  columns: CoreEvent.columns.map((column) => ({
    ...column,
    value: (event: Event, now: number) => column.value(toCoreEvent(event), now),
  })),
  selectableFields: Object.fromEntries(
    Object.entries(CoreEvent.selectableFields ?? {})
      .map(([field, value]) => [selectableName(field), value] as const)
      .map(([field, value]) => [field, (event: Event) => value(toCoreEvent(event))]),
  ),
});

/** The names that core/v1's selectors have in this version. */
function selectableName(field: string): string {
  if (field === "source") return "deprecatedSource";
  return field.replace(/^involvedObject\./, "regarding.").replace(/^reportingComponent$/, "reportingController");
}
