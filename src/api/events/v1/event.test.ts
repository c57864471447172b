import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeObject } from "../../../apimachinery/decode.ts";
import { fromCoreEvent, toCoreEvent } from "./conversion.ts";
import { Event } from "./event.ts";

const value = {
  apiVersion: "events.k8s.io/v1",
  kind: "Event",
  metadata: { name: "e", namespace: "default" },
  eventTime: "2026-01-01T00:00:00.000000Z",
  reportingController: "example.com/c",
  reportingInstance: "c-1",
  action: "Testing",
  reason: "Tested",
  note: "it works",
  type: "Normal",
  regarding: { kind: "Pod", namespace: "default", name: "p" },
  series: { count: 2, lastObservedTime: "2026-01-01T00:00:01.000000Z" },
};
const event = (change: object = {}) =>
  decodeObject(Event, { ...value, ...change }, { fieldValidation: "Strict" }).object;
const says = (change: object) =>
  Event.validateCreate!(event(change)).map(({ field, message }) => `${field}: ${message}`);

test("the way to core/v1 and back loses nothing", () => {
  const core = toCoreEvent(event());
  assert.equal(core.message, "it works");
  assert.deepEqual(core.involvedObject, value.regarding);
  assert.equal(core.reportingComponent, "example.com/c");
  assert.deepEqual(fromCoreEvent(core), event());
});

test("new events say who, what and why, and leave the old fields alone", () => {
  assert.deepEqual(says({}), []);
  assert.deepEqual(says({ action: "" }), ["action: Required value"]);
  assert.deepEqual(says({ type: "Odd" }), ['type: Invalid value: "": has invalid value: Odd']);
  assert.deepEqual(says({ deprecatedCount: 1 }), ['count: Invalid value: "": needs to be unset']);
  assert.deepEqual(says({ series: { count: 1, lastObservedTime: value.eventTime } }), [
    'series.count: Invalid value: "": should be at least 2',
  ]);
});

test("only the series of an event goes on", () => {
  const later = event({ series: { count: 3, lastObservedTime: "2026-01-01T00:00:02.000000Z" } });
  assert.deepEqual(Event.validateUpdate!(later, event()), []);
  const errors = Event.validateUpdate!(event({ note: "otherwise" }), event());
  assert.deepEqual(
    errors.map(({ field }) => field),
    ["message"],
  );
});
