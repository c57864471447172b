import assert from "node:assert/strict";
import { test } from "node:test";
import { Node, Pod } from "../../api/core/v1/index.ts";
import { pod, testCluster } from "../../testing/index.ts";

test("pods of a node that was deleted are removed after a while, and say why", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(pod("p"));
  await cluster.settle();
  await cluster.delete(Node, "a");
  await cluster.advance("30s");
  assert.equal(cluster.pods("p").length, 1);
  await cluster.advance("15s");
  assert.equal(cluster.pods("p").length, 0);
});

test("a node that registers again in time keeps its pods", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(pod("p"));
  await cluster.settle();
  await cluster.delete(Node, "a");
  await cluster.advance("20s");
  await cluster.join("a");
  await cluster.advance("2m");
  assert.equal(cluster.pods("p").length, 1);
});

test("ending pods of a machine declared out of service are removed without it", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(pod("p"));
  await cluster.settle();
  cluster.silence("a");
  await cluster.advance("1m");
  await cluster.delete(Pod, "p");
  await cluster.settle();
  assert.equal(cluster.pods("p").length, 1);
  await cluster.edit(Node, "a", (node) => {
    const effect = "NoExecute";
    node.spec.taints = [...(node.spec.taints ?? []), { key: "node.kubernetes.io/out-of-service", value: "x", effect }];
  });
  await cluster.settle();
  assert.equal(cluster.pods("p").length, 0);
});
