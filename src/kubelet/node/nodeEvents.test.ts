import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeStatus } from "../../api/core/v1/index.ts";
import { nodeEvents } from "./nodeEvents.ts";

const status = (conditions: Record<string, string>, bootID = "one") =>
  ({
    conditions: Object.entries(conditions).map(([type, it]) => ({ type, status: it })),
    nodeInfo: { bootID },
  }) as unknown as NodeStatus;
const GOOD = { MemoryPressure: "False", DiskPressure: "False", PIDPressure: "False" };
const reasons = (before: NodeStatus | undefined, after: NodeStatus) =>
  nodeEvents("a", before, after).map(({ reason }) => reason);

test("a node that begins tells that it runs short of nothing", () => {
  const first = nodeEvents("a", undefined, status({ ...GOOD, Ready: "False" }));
  assert.deepEqual(first[0], {
    type: "Normal",
    reason: "NodeHasSufficientMemory",
    message: "Node a status is now: NodeHasSufficientMemory",
  });
  assert.deepEqual(
    first.map(({ reason }) => reason),
    ["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID"],
  );
});

test("what changes is told, what stays is not", () => {
  const before = status({ ...GOOD, Ready: "False" });
  assert.deepEqual(reasons(before, before), []);
  assert.deepEqual(reasons(before, status({ ...GOOD, Ready: "True" })), ["NodeReady"]);
  assert.deepEqual(reasons(status({ Ready: "True" }), status({ Ready: "False" })), ["NodeNotReady"]);
  assert.deepEqual(reasons(before, status({ ...GOOD, DiskPressure: "True", Ready: "False" })), ["NodeHasDiskPressure"]);
});

test("a machine that was started anew is told of", () => {
  const told = nodeEvents("a", status(GOOD), status(GOOD, "two"));
  assert.deepEqual(told, [{ type: "Warning", reason: "Rebooted", message: "Node a has been rebooted, boot id: two" }]);
});
