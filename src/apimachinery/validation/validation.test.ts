import assert from "node:assert/strict";
import { test } from "node:test";
import { root } from "../fieldErrors.ts";
import type { ObjectMeta } from "../meta.ts";
import { validateLabelSelector } from "./labelSelector.ts";
import * as names from "./names.ts";
import { validateFieldManager, validateObjectMeta, validateObjectMetaUpdate } from "./objectMeta.ts";

test("accepts and refuses names", () => {
  const cases: [names.Check, string[], string[]][] = [
    [names.dns1123Label, ["a", "a-1", "x".repeat(63)], ["", "A", "-a", "a-", "a.b", "x".repeat(64)]],
    [names.dns1123Subdomain, ["a.b", "a-1.c"], ["a..b", ".a", "A.b", "x".repeat(254)]],
    [names.dns1035Label, ["a1"], ["1a", "a.b"]],
    [names.qualifiedName, ["a", "A_b.c", "example.com/a"], ["", "/a", "a/", "a/b/c", "a b", "x".repeat(64)]],
    [names.labelValue, ["", "a", "A_b"], ["-a", "a b", "x".repeat(64)]],
    [names.portName, ["http", "a-1"], ["", "1", "A", "a--b", "-a", "x".repeat(16)]],
    [names.ip, ["10.0.0.1", "::1"], ["10.0.0", "10.0.0.01", "x"]],
    [names.cidr, ["10.0.0.0/8", "::/0"], ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/08"]],
    [names.configMapKey, ["a", ".a", "A_b"], ["", ".", "..", "..a", "a/b"]],
    [names.envVarName, ["A", "a b", "1"], ["", "a=b", "ä"]],
    [names.pathSegment, ["system:x"], [".", "..", "a/b", "a%b"]],
    [names.wildcardDns1123Subdomain, ["*.a.b"], ["a.b", "*", "*.*.a"]],
  ];
  for (const [check, good, bad] of cases) {
    for (const value of good) assert.deepEqual(check(value), [], `${check.name} ${value}`);
    for (const value of bad) assert.notDeepEqual(check(value), [], `${check.name} ${value}`);
  }
});

test("words messages as Kubernetes does", () => {
  assert.deepEqual(names.dns1123Label("Not_Valid!"), [
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ]);
  assert.deepEqual(names.dns1123Label("a.b"), ["must not contain dots"]);
  assert.deepEqual(names.portNumber(0), ["must be between 1 and 65535, inclusive"]);
  assert.equal(names.subdomainName("web-", true).length, 0);
  assert.equal(names.subdomainName("web-", false).length, 1);
});

const path = root.child("metadata");
const kind = { scope: "Namespaced" } as const;
const fields = (meta: ObjectMeta, of: Parameters<typeof validateObjectMeta>[1] = kind) =>
  validateObjectMeta(meta, of, path).map(({ field, message }) => `${field}: ${message.slice(0, 40)}`);

test("wants a name, a namespace where there is one, and sound labels", () => {
  assert.deepEqual(fields({ name: "a", namespace: "b", labels: { "example.com/a": "x" } }), []);
  assert.deepEqual(fields({ namespace: "b" }), ["metadata.name: Required value: name or generateName is "]);
  assert.deepEqual(fields({ name: "a" }), ["metadata.namespace: Required value"]);
  assert.deepEqual(fields({ name: "a", namespace: "b" }, { scope: "Cluster" }), [
    "metadata.namespace: Forbidden: not allowed on this type",
  ]);
  assert.deepEqual(fields({ name: "a", namespace: "b", labels: { a: "-" } }), [
    'metadata.labels: Invalid value: "-": a valid label must b',
  ]);
});

test("bounds annotations by their size", () => {
  const annotations = { a: "x".repeat(256 * 1024) };
  assert.deepEqual(fields({ name: "a", namespace: "b", annotations }), [
    "metadata.annotations: Too long: may not be more than 262144 by",
  ]);
});

test("allows one controller among owners", () => {
  const owner = { apiVersion: "v1", kind: "Pod", name: "p", uid: "u", controller: true };
  const [error] = validateObjectMeta(
    { name: "a", namespace: "b", ownerReferences: [owner, { ...owner, name: "q" }] },
    kind,
    path,
  );
  assert.match(
    error!.message,
    /Only one reference can have Controller set to true\. Found "true" in references for Pod\/p and Pod\/q$/,
  );
});

test("wants finalizers to be standard or qualified", () => {
  const errors = (finalizers: string[]) => fields({ name: "a", namespace: "b", finalizers });
  assert.deepEqual(errors(["example.com/f", "orphan"]), []);
  assert.deepEqual(errors(["mine"]), ['metadata.finalizers[0]: Invalid value: "mine": name is neither a']);
  assert.match(errors(["orphan", "foregroundDeletion"])[0]!, /^metadata.finalizers: /);
});

test("keeps what must not change", () => {
  const old: ObjectMeta = {
    name: "a",
    namespace: "b",
    uid: "u",
    generation: 2,
    creationTimestamp: "2030-01-01T00:00:00Z",
  };
  const changed = (meta: ObjectMeta) =>
    validateObjectMetaUpdate({ ...old, ...meta }, old, path).map(({ field }) => field);
  assert.deepEqual(changed({ labels: { a: "b" } }), []);
  assert.deepEqual(changed({ name: "c", uid: "v", generation: 1 }), [
    "metadata.generation",
    "metadata.name",
    "metadata.uid",
  ]);
  const dying = { ...old, deletionTimestamp: "2030-01-01T00:00:00Z", finalizers: ["a/b"] };
  const [error] = validateObjectMetaUpdate({ ...dying, finalizers: ["a/b", "c/d"] }, dying, path);
  assert.match(error!.message, /no new finalizers can be added .* found new finalizers \[\]string\{"c\/d"\}$/);
});

test("checks label selectors", () => {
  const errors = (expression: { key: string; operator: string; values?: string[] }) =>
    validateLabelSelector({ matchExpressions: [expression] }, root.child("selector")).map(({ field }) => field);
  assert.deepEqual(errors({ key: "a", operator: "In", values: ["b"] }), []);
  assert.deepEqual(errors({ key: "a", operator: "In" }), ["selector.matchExpressions[0].values"]);
  assert.deepEqual(errors({ key: "a", operator: "Exists", values: ["b"] }), ["selector.matchExpressions[0].values"]);
  assert.deepEqual(errors({ key: "a b", operator: "Like" }), [
    "selector.matchExpressions[0].operator",
    "selector.matchExpressions[0].key",
  ]);
});

test("wants field managers to be short and printable", () => {
  assert.deepEqual(validateFieldManager("kubectl", root), []);
  assert.match(validateFieldManager("a\nb", root)[0]!.message, /non-printable character U\+000A \(at position 1\)/);
  assert.equal(validateFieldManager("x".repeat(129), root)[0]!.type, "FieldValueTooLong");
});
