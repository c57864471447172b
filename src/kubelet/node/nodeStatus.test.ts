import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeStatus } from "../../api/core/v1/index.ts";
import type { Machine } from "./machine.ts";
import { type NodeReadings, nodeStatus, sameStatus } from "./nodeStatus.ts";

const GiB = 1024 ** 3;
const readings = (more: Partial<NodeReadings> = {}): NodeReadings => ({
  now: Date.parse("2026-01-01T00:00:00Z"),
  machine: { cpus: 2, memory: 4 * GiB, hostname: "a", bootID: "b" } as Machine,
  nodeIPs: ["192.0.2.1"],
  port: 10250,
  maxPods: 110,
  version: "v1",
  runtimeVersion: "containerd://1",
  runtime: [],
  images: [],
  disk: { capacity: 100 * GiB, available: 50 * GiB, inodes: 1, inodesFree: 1 },
  reserved: { milliCpu: 0, memory: 0, disk: 0 },
  pressures: new Set(),
  volumesInUse: [],
  ...more,
});
const conditions = (status: NodeStatus) => Object.fromEntries((status.conditions ?? []).map((it) => [it.type, it]));

test("what is kept back is capacity, but not allocatable", () => {
  const { capacity, allocatable } = nodeStatus(
    undefined,
    readings({ reserved: { milliCpu: 100, memory: GiB, disk: 10 * GiB } }),
  );
  assert.deepEqual(
    [capacity?.cpu, capacity?.memory, capacity?.["ephemeral-storage"]],
    ["2", `${4 * 1024 ** 2}Ki`, `${100 * 1024 ** 2}Ki`],
  );
  assert.deepEqual(
    [allocatable?.cpu, allocatable?.memory, allocatable?.["ephemeral-storage"]],
    ["1900m", `${3 * 1024 ** 2}Ki`, String(90 * GiB)],
  );
});

test("more than there is cannot be kept back", () => {
  const { allocatable } = nodeStatus(undefined, readings({ reserved: { milliCpu: 3000, memory: 9 * GiB, disk: 0 } }));
  assert.deepEqual([allocatable?.cpu, allocatable?.memory], ["0", "0Ki"]);
});

test("resources that others announce stay, all of them allocatable", () => {
  const old = { capacity: { "example.com/gpu": "2", cpu: "1" } } as unknown as NodeStatus;
  const { capacity, allocatable } = nodeStatus(old, readings());
  assert.deepEqual([capacity?.["example.com/gpu"], allocatable?.["example.com/gpu"]], ["2", "2"]);
});

test("a node is ready when its runtime and its network are, and says why it is not", () => {
  const ready = conditions(nodeStatus(undefined, readings()));
  assert.deepEqual([ready.Ready?.status, ready.Ready?.reason], ["True", "KubeletReady"]);
  const runtime = [{ type: "NetworkReady", status: false, reason: "NetworkPluginNotReady", message: "none" }];
  const waiting = conditions(nodeStatus(undefined, readings({ runtime })));
  assert.equal(
    waiting.Ready?.message,
    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:none",
  );
});

test("a condition keeps the time since when it is so; heartbeats alone are no news", () => {
  const first = nodeStatus(undefined, readings());
  const later = nodeStatus(first, readings({ now: Date.parse("2026-01-01T01:00:00Z") }));
  assert.equal(conditions(later).Ready?.lastTransitionTime, "2026-01-01T00:00:00Z");
  assert.equal(conditions(later).Ready?.lastHeartbeatTime, "2026-01-01T01:00:00Z");
  assert.ok(sameStatus(first, later));
  const pressed = nodeStatus(later, readings({ pressures: new Set(["MemoryPressure"]) }));
  assert.equal(conditions(pressed).MemoryPressure?.reason, "KubeletHasInsufficientMemory");
  assert.ok(!sameStatus(later, pressed));
});
