/** What events.k8s.io asks of an event. Fields are named as in core/v1, in whose shape events are checked. */
import { deepEqual } from "../../../apimachinery/equal.ts";
import {
  type FieldError,
  fieldInvalid,
  fieldInvalidEach,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { dns1123Subdomain, qualifiedName } from "../../../apimachinery/validation/names.ts";
import type { Event as CoreEvent } from "../../core/v1/event.ts";

const MAX_WORD = 128;
const MAX_NOTE = 1024;

export function validateEvent(event: CoreEvent): FieldError[] {
  const errors = [...validateAlways(event), ...validateSeries(event)];
  if (!event.eventTime) errors.push(fieldRequired(root.child("eventTime")));
  const { type = "" } = event;
  if (type !== "Normal" && type !== "Warning") {
    errors.push(fieldInvalid(root.child("type"), "", `has invalid value: ${type}`));
  }
  const { component, host } = event.source ?? {};
  const legacy = { firstTimestamp: event.firstTimestamp, lastTimestamp: event.lastTimestamp, count: event.count };
  for (const [name, value] of Object.entries({ ...legacy, source: component || host })) {
    if (value) errors.push(fieldInvalid(root.child(name), "", "needs to be unset"));
  }
  return errors;
}

/** What holds on creation and on update. */
function validateAlways(event: CoreEvent): FieldError[] {
  const errors = event.eventTime ? validateDetailed(event) : validateNamespace(event, ["", "default"], true);
  const { namespace = "" } = event.metadata;
  return [...errors, ...fieldInvalidEach(root.child("namespace"), namespace, dns1123Subdomain(namespace))];
}

function validateNamespace(event: CoreEvent, forClusterWide: string[], mustMatch: boolean): FieldError[] {
  const { namespace = "" } = event.metadata;
  const of = event.involvedObject.namespace ?? "";
  const fits = of === "" ? forClusterWide.includes(namespace) : !mustMatch || of === namespace;
  if (fits) return [];
  return [fieldInvalid(root.child("involvedObject", "namespace"), of, "does not match event.namespace")];
}

function validateDetailed(event: CoreEvent): FieldError[] {
  const { reportingComponent = "", reportingInstance = "", action = "", reason = "", message = "" } = event;
  const controller = root.child("reportingController");
  const errors = validateNamespace(event, ["default", "kube-system"], false);
  if (reportingComponent === "") errors.push(fieldRequired(controller));
  errors.push(...fieldInvalidEach(controller, reportingComponent, qualifiedName(reportingComponent)));
  for (const [name, value] of Object.entries({ reportingInstance, action, reason })) {
    if (value === "") errors.push(fieldRequired(root.child(name)));
    if (Buffer.byteLength(value) > MAX_WORD) errors.push(tooLong(name, MAX_WORD));
  }
  if (Buffer.byteLength(message) > MAX_NOTE) errors.push(tooLong("message", MAX_NOTE));
  return errors;
}

const tooLong = (name: string, most: number): FieldError =>
  fieldInvalid(root.child(name), "", `can have at most ${most} characters`);

function validateSeries({ series }: CoreEvent): FieldError[] {
  if (series === undefined) return [];
  const errors: FieldError[] = [];
  if ((series.count ?? 0) < 2) errors.push(fieldInvalid(root.child("series.count"), "", "should be at least 2"));
  if (!series.lastObservedTime) errors.push(fieldRequired(root.child("series.lastObservedTime")));
  return errors;
}

/** An event is a statement about the past: only its series goes on. */
export function validateEventUpdate(event: CoreEvent, old: CoreEvent): FieldError[] {
  const errors = validateAlways(event);
  if (!deepEqual(event.series, old.series)) errors.push(...validateSeries(event));
  const [now, before] = [immutable(event), immutable(old)];
  for (const [name, value] of Object.entries(now)) {
    if (!deepEqual(value, before[name])) errors.push(fieldInvalid(root.child(name), value, "field is immutable"));
  }
  return errors;
}

/** What must not change, shown as errors show it: under the names of Kubernetes' internal types. */
function immutable(event: CoreEvent): Record<string, unknown> {
  const { kind = "", namespace = "", name = "", uid = "", apiVersion = "" } = event.involvedObject;
  const { resourceVersion = "", fieldPath = "" } = event.involvedObject;
  return {
    involvedObject: {
      Kind: kind,
      Namespace: namespace,
      Name: name,
      UID: uid,
      APIVersion: apiVersion,
      ResourceVersion: resourceVersion,
      FieldPath: fieldPath,
    },
    reason: event.reason ?? "",
    message: event.message ?? "",
    source: { Component: event.source?.component ?? "", Host: event.source?.host ?? "" },
    firstTimestamp: event.firstTimestamp ?? null,
    lastTimestamp: event.lastTimestamp ?? null,
    count: event.count ?? 0,
    type: event.type ?? "",
    eventTime: event.eventTime ?? null,
    action: event.action ?? "",
    related: event.related ?? null,
    reportingController: event.reportingComponent ?? "",
    reportingInstance: event.reportingInstance ?? "",
  };
}
