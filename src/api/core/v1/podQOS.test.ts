import assert from "node:assert/strict";
import { test } from "node:test";
import { podQOSClass } from "./podQOS.ts";

const spec = (...resources: object[]) => ({
  containers: resources.map((one, i) => ({ name: `c${i}`, resources: one })),
});

test("a Pod that asks for nothing goes first", () => {
  assert.equal(podQOSClass(spec({}, {})), "BestEffort");
  assert.equal(podQOSClass(spec({ requests: { "ephemeral-storage": "1Gi" } })), "BestEffort");
});

test("a Pod whose containers may use exactly what they asked for goes last", () => {
  const limits = { cpu: "1", memory: "1Gi" };
  assert.equal(podQOSClass(spec({ limits, requests: { cpu: "1000m", memory: "1024Mi" } })), "Guaranteed");
  assert.equal(podQOSClass(spec({ limits })), "Guaranteed");
});

test("everything else is in between", () => {
  assert.equal(podQOSClass(spec({ limits: { cpu: "1", memory: "1Gi" } }, {})), "Burstable");
  assert.equal(podQOSClass(spec({ requests: { cpu: "1" } })), "Burstable");
});

test("resources of the Pod as a whole decide where they are set", () => {
  const resources = { limits: { cpu: "1", memory: "1Gi" } };
  assert.equal(podQOSClass({ ...spec({}, {}), resources }), "Guaranteed");
});
