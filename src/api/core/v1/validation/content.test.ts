import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap, Namespace, Node, Secret } from "../index.ts";

const texts = (errors: readonly { field: string; message: string }[]) =>
  errors.map(({ field, message }) => `${field}: ${message}`);
const meta = { metadata: { name: "x" } };
const base64 = (text: string) => Buffer.from(text).toString("base64");

test("a key stands in one map only", () => {
  const errors = texts(ConfigMap.validate!({ ...meta, data: { a: "" }, binaryData: { a: "" } }));
  assert.deepEqual(errors, [
    'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    'binaryData[a]: Invalid value: "a": duplicate of key present in data',
  ]);
});

test("a ConfigMap holds a mebibyte", () => {
  const size = 1024 * 1024;
  assert.deepEqual(ConfigMap.validate!({ ...meta, data: { a: "x".repeat(size) } }), []);
  assert.equal(ConfigMap.validate!({ ...meta, data: { a: "x".repeat(size + 1) } })[0]!.type, "FieldValueTooLong");
});

test("an immutable object stays as it is", () => {
  const old = { ...meta, data: { a: "1" }, immutable: true };
  assert.deepEqual(texts(ConfigMap.validateUpdate!({ ...meta, data: { a: "2" } }, old)), [
    "immutable: Forbidden: field is immutable when `immutable` is set",
    "data: Forbidden: field is immutable when `immutable` is set",
  ]);
  assert.deepEqual(ConfigMap.validateUpdate!(old, old), []);
});

test("a Secret holds what its type promises", () => {
  const wrong = (type: string, data: Record<string, string>) => texts(Secret.validate!({ ...meta, type, data }));
  assert.deepEqual(wrong("kubernetes.io/tls", { "tls.crt": "" }), ["data[tls.key]: Required value"]);
  assert.deepEqual(wrong("kubernetes.io/dockerconfigjson", { ".dockerconfigjson": base64("{}") }), []);
  assert.match(wrong("kubernetes.io/dockerconfigjson", { ".dockerconfigjson": base64("{") })[0]!, /redacted/);
  assert.deepEqual(wrong("example.com/any", {}), []);
});

test("a Secret's type cannot change", () => {
  const errors = Secret.validateUpdate!({ ...meta, type: "b" }, { ...meta, type: "a" });
  assert.deepEqual(texts(errors), ['type: Invalid value: "b": field is immutable']);
});

test("a namespace that is being deleted is Terminating, others are Active", () => {
  const made = (phase: string, deletionTimestamp?: string) => ({
    metadata: { name: "n", ...(deletionTimestamp && { deletionTimestamp }) },
    spec: {},
    status: { phase },
  });
  const wrong = (namespace: Namespace) => Namespace.validateStatusUpdate!(namespace, namespace).length;
  assert.equal(wrong(made("Active")), 0);
  assert.equal(wrong(made("Terminating")), 1);
  assert.equal(wrong(made("Terminating", "2026-01-01T00:00:00Z")), 0);
});

test("a node keeps its range of Pod addresses", () => {
  const made = (podCIDRs?: string[]) =>
    ({ metadata: { name: "n" }, spec: { podCIDRs }, status: {} }) as unknown as Node;
  assert.deepEqual(Node.validateUpdate!(made(["10.0.0.0/24"]), made()), []);
  assert.deepEqual(texts(Node.validateUpdate!(made(["10.0.1.0/24"]), made(["10.0.0.0/24"]))), [
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
  ]);
});
