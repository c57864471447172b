/** Sentences of Kubernetes' conformance suite about ReplicationControllers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Pod, ReplicationController, ResourceQuota } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { isReady, pod, replicationController, scaleOf, testCluster, witness } from "../../testing/index.ts";

const AT = { namespace: "default" };

test("[sig-apps] ReplicationController should surface a failure condition on a common issue like exceeded quota [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { ...AT, name: "condition-test" } };
  await cluster.apply({ ...quota, spec: { hard: { pods: "2" } } } as unknown as ResourceQuota);
  await cluster.settle();
  assert.equal((await cluster.get(ResourceQuota, "condition-test")).status.hard?.pods, "2");
  await cluster.create(replicationController("condition-test", { replicas: 3 }));
  const failure = async () =>
    (await cluster.get(ReplicationController, "condition-test")).status.conditions?.find(
      ({ type }) => type === "ReplicaFailure",
    );
  await cluster.until(async () => (await failure()) !== undefined, "1m");
  assert.equal((await failure())?.reason, "FailedCreate");
  assert.match((await failure())?.message ?? "", /exceeded quota/);
  await cluster.edit(ReplicationController, "condition-test", (rc) => {
    rc.spec.replicas = 2;
  });
  await cluster.until(async () => (await failure()) === undefined, "1m");
});

test("[sig-apps] ReplicationController should adopt matching pods on creation [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(pod("pod-adoption"));
  await cluster.settle();
  await cluster.create(replicationController("pod-adoption", { replicas: 1 }));
  await cluster.settle();
  const rc = await cluster.get(ReplicationController, "pod-adoption");
  const adopted = await cluster.get(Pod, "pod-adoption");
  const owner = adopted.metadata.ownerReferences?.find(({ controller }) => controller);
  assert.equal(owner?.uid, rc.metadata.uid);
});

test("[sig-apps] ReplicationController should release no longer matching pods [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const rc = await cluster.create(replicationController("pod-release", { replicas: 1 }));
  await cluster.settle();
  const [first] = cluster.pods("pod-release");
  await cluster.edit(Pod, first!.metadata.name!, (p) => {
    p.metadata.labels!.app = "not-matching-name";
  });
  await cluster.settle();
  const released = await cluster.get(Pod, first!.metadata.name!);
  assert.ok(!released.metadata.ownerReferences?.some(({ uid }) => uid === rc.metadata.uid));
});

test("[sig-apps] ReplicationController should get and update a ReplicationController scale [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(replicationController("e2e-rc", { replicas: 1 }));
  await cluster.settle();
  const scale = scaleOf(cluster, ReplicationController, "e2e-rc");
  const found = structuredClone(await scale.get());
  assert.equal(found.spec.replicas, 1);
  assert.equal(found.status.selector, "app=e2e-rc");
  found.metadata.resourceVersion = "";
  found.spec.replicas = 2;
  assert.equal((await scale.update(found)).spec.replicas, 2);
  await cluster.settle();
  assert.equal(cluster.pods("e2e-rc").filter(isReady).length, 2);
});

test("[sig-apps] ReplicationController should test the lifecycle of a ReplicationController [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const { client } = cluster;
  const labelSelector = "test-rc-static=true";
  const seen = await witness(t, cluster, ReplicationController, { ...AT, labelSelector });
  const key = { ...AT, name: "rc-test" };
  const labels = { "test-rc-static": "true" };
  const made = replicationController("rc-test", { replicas: 1 });
  await cluster.create({ ...made, metadata: { ...made.metadata, labels } });
  await cluster.settle();
  assert.ok(seen.saw("ADDED", ({ metadata }) => metadata.name === "rc-test"));
  assert.ok(seen.saw("MODIFIED", ({ status }) => status.readyReplicas === 1));

  await client.patch(ReplicationController, key, "strategic", { metadata: { labels: { "test-rc": "patched" } } });
  await cluster.settle();
  assert.ok(seen.saw("MODIFIED", ({ metadata }) => metadata.labels?.["test-rc"] === "patched"));

  const zero = { status: { readyReplicas: 0, availableReplicas: 0 } };
  await client.patch(ReplicationController, key, "strategic", zero, { subresource: "status" });
  await cluster.settle();
  assert.ok(seen.saw("MODIFIED", ({ status }) => !status.readyReplicas && !status.availableReplicas));
  const status = await client.get(ReplicationController, key, { subresource: "status" });
  assert.equal(status.status.readyReplicas, 1, "its controller has counted anew");

  await scaleOf(cluster, ReplicationController, "rc-test").patch(2);
  await cluster.settle();
  assert.ok(seen.saw("MODIFIED", ({ status }) => status.readyReplicas === 2));
  const listed = await client.list(ReplicationController, { labelSelector });
  assert.deepEqual(
    listed.items.map(({ metadata }) => metadata.labels?.["test-rc"]),
    ["patched"],
  );

  const live = structuredClone(await client.get(ReplicationController, key));
  live.spec.replicas = 3;
  await client.update(ReplicationController, live);
  await cluster.settle();
  assert.ok(seen.saw("MODIFIED", ({ status }) => status.readyReplicas === 3));

  await client.deleteCollection(ReplicationController, { ...AT, labelSelector });
  await cluster.settle();
  assert.ok(seen.saw("DELETED", ({ metadata }) => metadata.name === "rc-test"));
  await assert.rejects(client.get(ReplicationController, key), isNotFound);
  await cluster.advance("1m");
  assert.equal(cluster.pods("rc-test").length, 0, "its Pods went with it");
});
