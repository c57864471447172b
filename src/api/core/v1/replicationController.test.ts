import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeObject } from "../../../apimachinery/decode.ts";
import type { FieldError } from "../../../apimachinery/fieldErrors.ts";
import { ReplicationController } from "./replicationController.ts";

const says = (errors: readonly FieldError[] = []) => errors.map(({ field, message }) => `${field}: ${message}`);
const TEMPLATE = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "i" }] } };

function controller(spec: object): ReplicationController {
  const value = { apiVersion: "v1", kind: "ReplicationController", metadata: { name: "web" }, spec };
  const { object } = decodeObject(ReplicationController, value, { fieldValidation: "Strict" });
  ReplicationController.defaults?.(object);
  return object;
}

test("its labels and its selector are its template's unless it says otherwise", () => {
  const { metadata, spec } = controller({ template: TEMPLATE });
  assert.deepEqual([metadata.labels, spec.selector, spec.replicas], [{ app: "web" }, { app: "web" }, 1]);
  assert.deepEqual(controller({ template: TEMPLATE, selector: { app: "other" } }).spec.selector, { app: "other" });
});

test("is refused without a template, with another's selector, or with Pods that end", () => {
  assert.deepEqual(says(ReplicationController.validate!(controller({}))), [
    "spec.selector: Required value",
    "spec.template: Required value",
  ]);
  const other = controller({ template: TEMPLATE, selector: { app: "other" } });
  assert.deepEqual(says(ReplicationController.validate!(other)), [
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ]);
  const ends = { ...TEMPLATE, spec: { ...TEMPLATE.spec, restartPolicy: "Never", activeDeadlineSeconds: 5 } };
  assert.deepEqual(says(ReplicationController.validate!(controller({ template: ends }))), [
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported",
  ]);
});
