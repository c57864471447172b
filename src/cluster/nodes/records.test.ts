import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterConfig } from "../layout.ts";
import { freeName, MAX_NODES, withNodes, withoutNode } from "./records.ts";

const CONFIG: ClusterConfig = { name: "c", index: 0, nodeName: "host", nodeIP: "192.0.2.1", createdAt: 0 };

test("nodes take the first free numbers, and there are not more than one host can run", () => {
  const three = withNodes(CONFIG, 3);
  assert.deepEqual(
    three.nodes?.map(({ name }) => name),
    ["node-2", "node-3"],
  );
  assert.equal(freeName(withoutNode(three, "node-2")), "node-2");
  assert.equal(withNodes(three, 1), three);
  assert.throws(() => withNodes(CONFIG, MAX_NODES + 1), /the most that one host can run/);
});
