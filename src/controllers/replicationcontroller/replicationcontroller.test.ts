import assert from "node:assert/strict";
import { test } from "node:test";
import { Pod, ReplicationController } from "../../api/core/v1/index.ts";
import { isReady, pod, replicationController, testCluster } from "../../testing/index.ts";

test("keeps as many Pods as asked for, and counts them", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(replicationController("web", { replicas: 3 }));
  await cluster.settle();
  assert.equal(cluster.pods("web").filter(isReady).length, 3);
  await cluster.delete(Pod, cluster.pods("web")[0]!.metadata.name!);
  await cluster.settle();
  const { status, metadata } = await cluster.get(ReplicationController, "web");
  assert.deepEqual(status, {
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    observedGeneration: metadata.generation,
  });
});

test("adopts a Pod that matches, and releases it when it no longer does", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(pod("web-alone", { app: "web" }));
  await cluster.apply(replicationController("web", { replicas: 1 }));
  await cluster.settle();
  const owner = (await cluster.get(ReplicationController, "web")).metadata.uid;
  assert.equal((await cluster.get(Pod, "web-alone")).metadata.ownerReferences?.[0]?.uid, owner);
  await cluster.edit(Pod, "web-alone", (p) => {
    p.metadata.labels = { app: "other" };
  });
  await cluster.settle();
  assert.equal((await cluster.get(Pod, "web-alone")).metadata.ownerReferences, undefined);
  assert.equal(cluster.pods("web").length, 2);
});
