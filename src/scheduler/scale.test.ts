/** A thousand nodes and two thousand Pods, in one process. How fast is `npm run bench -- scheduling`'s affair. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deployment, isReady, testCluster } from "../testing/index.ts";

const NODES = 1000;
const DEPLOYMENTS = 20;
const REPLICAS = 100;

test("two thousand Pods run on a thousand nodes, replicas of one Deployment on different ones", async (t) => {
  const nodes = Array.from({ length: NODES }, (_, i) => `n-${i}`);
  const it = await testCluster(t, { nodes });
  for (let i = 0; i < DEPLOYMENTS; i++) await it.apply(deployment(`d${i}`, { replicas: REPLICAS }));
  await it.until(() => it.pods().filter(isReady).length === DEPLOYMENTS * REPLICAS);
  for (let i = 0; i < DEPLOYMENTS; i++) {
    const used = new Set(it.pods(`d${i}`).map(({ spec }) => spec.nodeName));
    assert.equal(used.size, REPLICAS);
  }
  const perNode = new Map<string, number>();
  for (const { spec } of it.pods()) perNode.set(spec.nodeName!, (perNode.get(spec.nodeName!) ?? 0) + 1);
  assert.ok(Math.max(...perNode.values()) <= 8, "no node has much more than its share of two");
});
