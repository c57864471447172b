/** Sentences of Kubernetes' conformance suite about ReplicaSets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ReplicaSet, type ReplicaSetCondition } from "../../api/apps/v1/index.ts";
import { Pod } from "../../api/core/v1/index.ts";
import { isReady, pod, replicaSet, scaleOf, testCluster, witness } from "../../testing/index.ts";

const AT = { namespace: "default" };

test("[sig-apps] ReplicaSet should adopt matching pods on creation and release no longer matching pods [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const owner = async () =>
    (await cluster.get(Pod, "pod-adoption-release")).metadata.ownerReferences?.find(({ controller }) => controller);
  await cluster.create(pod("pod-adoption-release"));
  await cluster.settle();
  const set = await cluster.create(replicaSet("pod-adoption-release", { replicas: 1 }));
  await cluster.settle();
  assert.equal((await owner())?.uid, set.metadata.uid);
  await cluster.edit(Pod, "pod-adoption-release", (p) => {
    p.metadata.labels!.app = "not-matching-name";
  });
  await cluster.settle();
  assert.equal(await owner(), undefined);
});

test("[sig-apps] ReplicaSet Replicaset should have a working scale subresource [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(replicaSet("test-rs", { replicas: 1 }));
  await cluster.settle();
  assert.equal(cluster.pods("test-rs").filter(isReady).length, 1);
  const scale = scaleOf(cluster, ReplicaSet, "test-rs");
  const found = structuredClone(await scale.get());
  assert.deepEqual([found.spec.replicas, found.status.replicas], [1, 1]);
  found.metadata.resourceVersion = "";
  found.spec.replicas = 2;
  assert.equal((await scale.update(found)).spec.replicas, 2);
  assert.equal((await cluster.get(ReplicaSet, "test-rs")).spec.replicas, 2);
  assert.equal((await scale.patch(4)).spec.replicas, 4);
  assert.equal((await cluster.get(ReplicaSet, "test-rs")).spec.replicas, 4);
  await cluster.settle();
  assert.equal(cluster.pods("test-rs").filter(isReady).length, 4);
});

test("[sig-apps] ReplicaSet Replace and Patch tests [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const key = { ...AT, name: "test-rs" };
  const seen = await witness(t, cluster, ReplicaSet);
  await cluster.create(replicaSet("test-rs", { replicas: 1 }));
  await cluster.settle();
  assert.equal(cluster.pods("test-rs").filter(isReady).length, 1);
  await cluster.edit(ReplicaSet, "test-rs", (set) => {
    set.spec.replicas = 2;
  });
  await cluster.settle();
  assert.equal(cluster.pods("test-rs").filter(isReady).length, 2);
  const containers = [{ name: "main", image: "example/pause:1" }];
  await cluster.client.patch(ReplicaSet, key, "strategic", {
    metadata: { labels: { "test-rs": "patched" } },
    spec: { replicas: 3, template: { spec: { terminationGracePeriodSeconds: 0, containers } } },
  });
  await cluster.settle();
  assert.ok(
    seen.saw(
      "MODIFIED",
      ({ metadata, status }) => metadata.labels?.["test-rs"] === "patched" && status.readyReplicas === 3,
    ),
  );
  const { spec } = (await cluster.get(ReplicaSet, "test-rs")).spec.template;
  assert.deepEqual([spec.terminationGracePeriodSeconds, spec.containers[0]?.image], [0, "example/pause:1"]);
});

test("[sig-apps] ReplicaSet should list and delete a collection of ReplicaSets [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const made = replicaSet("test-rs", { replicas: 3 });
  const labelSelector = "name=sample-pod,e2e=test-rs";
  await cluster.create({ ...made, metadata: { ...made.metadata, labels: { name: "sample-pod", e2e: "test-rs" } } });
  await cluster.settle();
  assert.equal(cluster.pods("test-rs").filter(isReady).length, 3);
  const list = async () => (await cluster.client.list(ReplicaSet, { ...AT, labelSelector })).items.length;
  assert.equal(await list(), 1);
  await cluster.client.deleteCollection(ReplicaSet, { ...AT, labelSelector });
  await cluster.settle();
  assert.equal(await list(), 0);
});

test("[sig-apps] ReplicaSet should validate Replicaset Status endpoints [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const { client } = cluster;
  const key = { ...AT, name: "test-rs" };
  const seen = await witness(t, cluster, ReplicaSet);
  await cluster.create(replicaSet("test-rs", { replicas: 1 }));
  await cluster.settle();
  const live = structuredClone(await client.get(ReplicaSet, key, { subresource: "status" }));
  assert.equal(live.status.readyReplicas, 1);
  const condition = { type: "StatusUpdate", status: "True", reason: "E2E", message: "Set from e2e test" };
  live.status.conditions = [...(live.status.conditions ?? []), condition as ReplicaSetCondition];
  await client.updateStatus(ReplicaSet, live);
  await cluster.settle();
  const has =
    (type: string, reason = "") =>
    (set: ReplicaSet) =>
      set.status.conditions?.some((c) => c.type === type && c.status === "True" && (c.reason ?? "") === reason) ===
      true;
  assert.ok(seen.saw("MODIFIED", has("StatusUpdate", "E2E")));
  const patch = { status: { conditions: [{ type: "StatusPatched", status: "True" }] } };
  await client.patch(ReplicaSet, key, "merge", patch, { subresource: "status" });
  await cluster.settle();
  assert.ok(seen.saw("MODIFIED", has("StatusPatched")));
  assert.ok(has("StatusPatched")(await client.get(ReplicaSet, key)));
});
