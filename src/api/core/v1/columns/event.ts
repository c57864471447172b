import type { Column } from "../../../../apimachinery/kind.ts";
import type { EventSeries, EventSource } from "../eventSource.ts";
import type { EventLike } from "../validation/event.ts";
import { nameColumn, since } from "./shared.ts";

export interface ListedEvent extends EventLike {
  type?: string;
  count?: number;
  source: EventSource;
  series?: EventSeries;
  firstTimestamp: string | null;
  lastTimestamp: string | null;
}

const firstSeen = (event: ListedEvent, now: number) => since(event.firstTimestamp || event.eventTime, now);

function lastSeen(event: ListedEvent, now: number): string {
  if (event.series !== undefined) return since(event.series.lastObservedTime, now);
  return event.lastTimestamp ? since(event.lastTimestamp, now) : firstSeen(event, now);
}

function source({ source: { component, host }, reportingComponent, reportingInstance }: ListedEvent): string {
  const [who, where] = [component || reportingComponent || "", host || reportingInstance || ""];
  return where === "" ? who : `${who}, ${where}`;
}

function count({ series, count: counted }: ListedEvent): number {
  return series?.count ?? (counted || 1);
}

export const eventColumns: readonly Column<ListedEvent>[] = [
  { name: "Last Seen", type: "string", description: "How long ago it was last seen.", value: lastSeen },
  { name: "Type", type: "string", description: "Normal or Warning.", value: ({ type }) => type ?? "" },
  { name: "Reason", type: "string", description: "Why, in one word.", value: ({ reason }) => reason ?? "" },
  {
    name: "Object",
    type: "string",
    description: "The object that it is about.",
    value: ({ involvedObject: { kind = "", name = "" } }) => `${kind.toLowerCase()}/${name}`,
  },
  {
    name: "Subobject",
    type: "string",
    priority: 1,
    description: "The part of the object that it is about.",
    value: ({ involvedObject }) => involvedObject.fieldPath ?? "",
  },
  { name: "Source", type: "string", priority: 1, description: "Who reported it, and from where.", value: source },
  {
    name: "Message",
    type: "string",
    description: "What happened.",
    value: ({ message = "" }) => message.trim(),
  },
  { name: "First Seen", type: "string", priority: 1, description: "How long ago it was first seen.", value: firstSeen },
  { name: "Count", type: "string", priority: 1, description: "How often it was seen.", value: count },
  { ...nameColumn, priority: 1 },
];
