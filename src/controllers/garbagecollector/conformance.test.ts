/** Sentences of Kubernetes' conformance suite about what becomes of objects whose owners go. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Deployment, ReplicaSet } from "../../api/apps/v1/index.ts";
import { Pod, ReplicationController } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { type Cluster, deployment, pod, replicationController, testCluster } from "../../testing/index.ts";

const AT = { namespace: "default" };
const uidOf = (object: { metadata: { uid?: string } }) => object.metadata.uid!;
const uidOnly = (object: { metadata: { uid?: string } }) => ({ preconditions: { uid: uidOf(object) } });

async function isGone(cluster: Cluster, name: string): Promise<boolean> {
  return cluster.get(ReplicationController, name).then(() => false, isNotFound);
}

/** A controller whose Pods all run. */
async function running(cluster: Cluster, name: string, replicas: number): Promise<ReplicationController> {
  const rc = await cluster.create(replicationController(name, { replicas }));
  await cluster.until(async () => (await cluster.get(ReplicationController, name)).status.readyReplicas === replicas);
  return rc;
}

test("[sig-api-machinery] Garbage collector should delete pods created by rc when not orphaning [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const rc = await running(cluster, "simpletest.rc", 2);
  const options = { propagationPolicy: "Background", ...uidOnly(rc) } as const;
  await cluster.delete(ReplicationController, "simpletest.rc", options);
  assert.ok(await isGone(cluster, "simpletest.rc"));
  await cluster.until(() => cluster.pods().length === 0, "1m");
});

test("[sig-api-machinery] Garbage collector should orphan pods created by rc if delete options say so [Serial] [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  const rc = await running(cluster, "simpletest.rc", 20);
  await cluster.delete(ReplicationController, "simpletest.rc", { propagationPolicy: "Orphan", ...uidOnly(rc) });
  await cluster.until(() => isGone(cluster, "simpletest.rc"), "1m");
  await cluster.advance("30s");
  assert.equal(cluster.pods().length, 20);
  assert.ok(cluster.pods().every(({ metadata }) => !metadata.ownerReferences && !metadata.deletionTimestamp));
});

test("[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const made = await cluster.create(deployment("simpletest.deployment", { replicas: 2 }));
  await cluster.settle();
  assert.equal((await cluster.list(ReplicaSet, "default")).length, 1);
  await cluster.delete(Deployment, "simpletest.deployment", { propagationPolicy: "Background", ...uidOnly(made) });
  await cluster.until(async () => (await cluster.list(ReplicaSet, "default")).length === 0, "1m");
  await cluster.until(() => cluster.pods().length === 0, "1m");
});

test("[sig-api-machinery] Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const made = await cluster.create(deployment("simpletest.deployment", { replicas: 2 }));
  await cluster.settle();
  await cluster.delete(Deployment, "simpletest.deployment", { propagationPolicy: "Orphan", ...uidOnly(made) });
  await cluster.until(async () => (await cluster.list(Deployment, "default")).length === 0, "1m");
  await cluster.advance("30s");
  const [left, ...more] = await cluster.list(ReplicaSet, "default");
  assert.equal(more.length, 0);
  assert.equal(left?.metadata.ownerReferences?.some(({ controller }) => controller) ?? false, false);
  assert.equal(left?.status.replicas, 2);
  assert.equal(cluster.pods().length, 2);
});

test("[sig-api-machinery] Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so [Serial] [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"], behaviour: { stopDelay: 3000 } });
  const rc = await running(cluster, "simpletest.rc", 20);
  await cluster.delete(ReplicationController, "simpletest.rc", { propagationPolicy: "Foreground", ...uidOnly(rc) });
  await cluster.until(() => cluster.pods().some(({ metadata }) => metadata.deletionTimestamp), "1m");
  assert.ok((await cluster.get(ReplicationController, "simpletest.rc")).metadata.deletionTimestamp);
  await cluster.until(async () => {
    const gone = await isGone(cluster, "simpletest.rc");
    if (gone) assert.deepEqual(await cluster.list(Pod, "default"), []);
    return gone;
  }, "1m");
});

test("[sig-api-machinery] Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted [Serial] [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  const going = await running(cluster, "simpletest-rc-to-be-deleted", 20);
  const staying = await cluster.create(replicationController("simpletest-rc-to-stay", { replicas: 0 }));
  const half = cluster.pods().slice(0, 10);
  const owner = { apiVersion: "v1", kind: "ReplicationController", name: staying.metadata.name, uid: uidOf(staying) };
  const patch = { metadata: { ownerReferences: [owner] } };
  for (const { metadata } of half) await cluster.client.patch(Pod, { ...AT, name: metadata.name! }, "strategic", patch);
  const options = { propagationPolicy: "Foreground", ...uidOnly(going) } as const;
  await cluster.delete(ReplicationController, "simpletest-rc-to-be-deleted", options);
  await cluster.until(() => isGone(cluster, "simpletest-rc-to-be-deleted"), "2m");
  await cluster.settle();
  const left = await cluster.list(Pod, "default");
  assert.deepEqual(left.map(({ metadata }) => metadata.name).sort(), half.map(({ metadata }) => metadata.name).sort());
  for (const { metadata } of left) {
    assert.equal(metadata.deletionTimestamp, undefined);
    assert.deepEqual(
      metadata.ownerReferences?.map(({ name }) => name),
      ["simpletest-rc-to-stay"],
    );
  }
});

test("[sig-api-machinery] Garbage collector should not be blocked by dependency circle [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const [pod1, pod2, pod3] = [
    await cluster.create(pod("pod1")),
    await cluster.create(pod("pod2")),
    await cluster.create(pod("pod3")),
  ];
  const own = (owned: Pod, { metadata: { name } }: Pod, uid: string) => {
    const owner = { apiVersion: "v1", kind: "Pod", name, uid, controller: true, blockOwnerDeletion: true };
    const patch = { metadata: { ownerReferences: [owner] } };
    return cluster.client.patch(Pod, { ...AT, name: owned.metadata.name! }, "strategic", patch);
  };
  await own(pod1, pod3, uidOf(pod3));
  await own(pod2, pod1, uidOf(pod1));
  await own(pod3, pod2, uidOf(pod2));
  await cluster.settle();
  await cluster.delete(Pod, "pod1", { propagationPolicy: "Foreground", ...uidOnly(pod1) });
  await cluster.until(() => cluster.pods().length === 0, "90s");
});
