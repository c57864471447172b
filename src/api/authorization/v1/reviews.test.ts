import assert from "node:assert/strict";
import { test } from "node:test";
import type { FieldError } from "../../../apimachinery/fieldErrors.ts";
import { LocalSubjectAccessReview } from "./localSubjectAccessReview.ts";
import { SelfSubjectAccessReview } from "./selfSubjectAccessReview.ts";
import { SubjectAccessReview } from "./subjectAccessReview.ts";

const says = (errors: readonly FieldError[]) => errors.map(({ field, message }) => `${field}: ${message}`);
const status = { allowed: false };
const get = { verb: "get", resource: "pods" };

test("a review is about a resource or another path, not both and not neither", () => {
  const ask = (spec: SelfSubjectAccessReview["spec"]) =>
    says(SelfSubjectAccessReview.validate!({ metadata: {}, spec, status }));
  assert.deepEqual(ask({ resourceAttributes: get }), []);
  assert.deepEqual(ask({}), [
    "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
  ]);
  assert.match(
    ask({ resourceAttributes: get, nonResourceAttributes: { path: "/" } })[0]!,
    /cannot be specified in combination/,
  );
});

test("reviews have no metadata", () => {
  const review = { metadata: { name: "x" }, spec: { user: "u", resourceAttributes: get }, status };
  assert.deepEqual(says(SubjectAccessReview.validate!(review)), [
    'metadata: Invalid value: {"name":"x"}: must be empty',
  ]);
});

test("a review asks about someone", () => {
  const review = { metadata: {}, spec: { resourceAttributes: get }, status };
  assert.deepEqual(says(SubjectAccessReview.validate!(review)), [
    'spec.user: Invalid value: "": at least one of user or group must be specified',
  ]);
});

test("selectors are given as text or as conditions", () => {
  const ask = (fieldSelector: object) => {
    const spec = { user: "u", resourceAttributes: { ...get, fieldSelector } };
    return says(SubjectAccessReview.validate!({ metadata: {}, spec, status }));
  };
  assert.deepEqual(ask({ rawSelector: "a=b" }), []);
  assert.match(ask({})[0]!, /requirements or rawSelector is required$/);
  assert.match(
    ask({ requirements: [{ key: "", operator: "In" }] }).join("\n"),
    /values: Required value.*\n.*key: Required/,
  );
});

test("a local review stays in its namespace", () => {
  const review = {
    metadata: { namespace: "a" },
    spec: { user: "u", resourceAttributes: { ...get, namespace: "b" } },
    status,
  };
  assert.deepEqual(says(LocalSubjectAccessReview.validate!(review)), [
    'spec.resourceAttributes.namespace: Invalid value: "b": must match metadata.namespace',
  ]);
});
