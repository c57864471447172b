import assert from "node:assert/strict";
import { test } from "node:test";
import { capacityFor } from "./capacity.ts";

const HOST = { cpu: 2000, memory: 8 * 1024 ** 3 };

test("a node may have a part of its host", () => {
  assert.deepEqual(capacityFor({ cpu: "500m", memory: "2Gi" }, HOST), { cpu: "500m", memory: "2Gi" });
  assert.deepEqual(capacityFor({ memory: "8Gi" }, HOST), { memory: "8Gi" });
  assert.equal(capacityFor({}, HOST), undefined);
});

test("not more than the host has, and not nothing", () => {
  assert.throws(() => capacityFor({ cpu: "3" }, HOST), /--node-cpu 3: this host has 2 processors/);
  assert.throws(() => capacityFor({ cpu: "0" }, HOST), /some processor time/);
  assert.throws(() => capacityFor({ cpu: "two" }, HOST), /"two" is no amount; one looks like 2 or 500m/);
  assert.throws(() => capacityFor({ memory: "9Gi" }, HOST), /this host has 8192Mi/);
  assert.throws(() => capacityFor({ memory: "10Mi" }, HOST), /at least 256Mi/);
});
