import assert from "node:assert/strict";
import { test } from "node:test";
import { PriorityClass } from "./priorityClass.ts";

const says = (name: string, value: number, more: Partial<PriorityClass> = {}) =>
  PriorityClass.validateCreate!({ metadata: { name }, value, ...more }).map(
    ({ field, message }) => `${field}: ${message}`,
  );

test("users' priorities stay below those of the system", () => {
  assert.deepEqual(says("high", 1_000_000_000), []);
  assert.deepEqual(says("higher", 1_000_000_001), [
    "value: Forbidden: maximum allowed value of a user defined priority is 1000000000",
  ]);
});

test("system- names are for the classes that a cluster comes with", () => {
  assert.deepEqual(says("system-node-critical", 2_000_001_000), []);
  assert.match(says("system-node-critical", 1)[0]!, /value of system-node-critical PriorityClass must be 2000001000$/);
  assert.match(says("system-mine", 1)[0]!, /system-mine is not a known system priority class$/);
});

test("value and policy cannot be changed", () => {
  const old = { metadata: { name: "a" }, value: 1, preemptionPolicy: "Never" };
  const errors = PriorityClass.validateUpdate!({ ...old, value: 2, preemptionPolicy: "PreemptLowerPriority" }, old);
  assert.deepEqual(
    errors.map(({ field, type }) => `${field} ${type}`),
    ["value FieldValueForbidden", "preemptionPolicy FieldValueInvalid"],
  );
});
