import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeObject } from "../../../apimachinery/decode.ts";
import type { FieldError } from "../../../apimachinery/fieldErrors.ts";
import { PodDisruptionBudget } from "./podDisruptionBudget.ts";

const says = (errors: readonly FieldError[] = []) => errors.map(({ field, message }) => `${field}: ${message}`);

function budget(spec: object, status: object = {}): PodDisruptionBudget {
  const value = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "web" }, spec, status };
  return decodeObject(PodDisruptionBudget, value, { fieldValidation: "Strict" }).object;
}

test("a budget says one of two numbers, not both", () => {
  const both = budget({ minAvailable: 1, maxUnavailable: "50%" });
  assert.deepEqual(says(PodDisruptionBudget.validate!(both)), [
    'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"50%","UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
  ]);
  assert.deepEqual(says(PodDisruptionBudget.validate!(budget({}))), []);
});

test("a share is a percentage of at most 100, and the policy one of two", () => {
  const wrong = budget({ maxUnavailable: "101%", unhealthyPodEvictionPolicy: "Never" });
  assert.deepEqual(says(PodDisruptionBudget.validate!(wrong)), [
    'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"',
  ]);
});

test("a status has whole conditions and no negative counts", () => {
  const condition = { type: "DisruptionAllowed", status: "Perhaps", reason: "", message: "" };
  const wrong = budget({}, { disruptionsAllowed: -1, conditions: [condition] });
  assert.deepEqual(says(PodDisruptionBudget.validateStatusUpdate!(wrong, wrong)), [
    'status.conditions[0].status: Unsupported value: "Perhaps": supported values: "False", "True", "Unknown"',
    "status.conditions[0].lastTransitionTime: Required value: must be set",
    "status.conditions[0].reason: Required value: must be set",
    "status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0",
  ]);
});
