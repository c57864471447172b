import type { Event as CoreEvent } from "../../core/v1/event.ts";
import type { Event } from "./event.ts";

/** The way of an event to the version in which it is stored, and back. Both versions say the same in other words. */

export function toCoreEvent(event: Event): CoreEvent {
  const core: CoreEvent = {
    apiVersion: "v1",
    kind: "Event",
    metadata: event.metadata,
    involvedObject: event.regarding,
    reason: event.reason,
    message: event.note,
    source: event.deprecatedSource,
    firstTimestamp: event.deprecatedFirstTimestamp,
    lastTimestamp: event.deprecatedLastTimestamp,
    count: event.deprecatedCount,
    type: event.type,
    eventTime: event.eventTime,
    series: event.series,
    action: event.action,
    related: event.related,
    reportingComponent: event.reportingController ?? "",
    reportingInstance: event.reportingInstance ?? "",
  };
  return withoutUnset(core);
}

export function fromCoreEvent(core: CoreEvent): Event {
  const event: Event = {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: core.metadata,
    eventTime: core.eventTime,
    series: core.series && { count: core.series.count ?? 0, lastObservedTime: core.series.lastObservedTime },
    reportingController: core.reportingComponent || undefined,
    reportingInstance: core.reportingInstance || undefined,
    action: core.action,
    reason: core.reason,
    regarding: core.involvedObject,
    related: core.related,
    note: core.message,
    type: core.type,
    deprecatedSource: core.source,
    deprecatedFirstTimestamp: core.firstTimestamp,
    deprecatedLastTimestamp: core.lastTimestamp,
    deprecatedCount: core.count,
  };
  return withoutUnset(event);
}

function withoutUnset<T extends object>(object: T): T {
  for (const key in object) if (object[key] === undefined) delete object[key];
  return object;
}
