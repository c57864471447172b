/** Sentences of Kubernetes' conformance suite about PodDisruptionBudgets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Pod } from "../../api/core/v1/index.ts";
import { type Eviction, PodDisruptionBudget } from "../../api/policy/v1/index.ts";
import { isNotFound, StatusError } from "../../apimachinery/status.ts";
import { type Cluster, disruptionBudget, isReady, namespace, pod, testCluster } from "../../testing/index.ts";

const AT = { namespace: "default" };
const key = { ...AT, name: "foo" };

async function createPods(cluster: Cluster, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await cluster.create(pod(`pod-${i}`, { app: "foo" }));
  await cluster.settle();
  assert.equal(cluster.pods("pod").filter(isReady).length, count);
}

function evict(cluster: Cluster, name: string): Promise<unknown> {
  const metadata = { ...AT, name };
  const eviction: Eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata };
  return cluster.client.createSubresource(Pod, metadata, "eviction", eviction);
}

/** The eviction is refused because of the budget: 429, with its cause. */
async function isBlocked(cluster: Cluster, name: string): Promise<void> {
  const error: unknown = await evict(cluster, name).then(
    () => assert.fail("the eviction was granted"),
    (thrown) => thrown,
  );
  assert.ok(error instanceof StatusError);
  assert.deepEqual([error.code, error.reason], [429, "TooManyRequests"]);
  assert.ok(error.status.details?.causes?.some(({ reason }) => reason === "DisruptionBudget"));
}

test("[sig-apps] DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets [Conformance]", async (t) => {
  const cluster = await testCluster(t);
  await cluster.apply(namespace("disruption-1"), namespace("disruption-2"));
  const labels = { test: "special" };
  const make = (name: string, where: string) => {
    const made = disruptionBudget(name, { minAvailable: 1 }, { namespace: where });
    return cluster.create({ ...made, metadata: { ...made.metadata, labels } });
  };
  await make("foo", "disruption-1");
  await make("foo2", "disruption-1");
  await make("foo3", "disruption-2");
  const list = async (where?: string) => {
    const { items } = await cluster.client.list(PodDisruptionBudget, {
      namespace: where,
      labelSelector: "test=special",
    });
    return items.map(({ metadata }) => metadata.name).sort();
  };
  assert.deepEqual(await list(), ["foo", "foo2", "foo3"]);
  assert.deepEqual(await list("disruption-1"), ["foo", "foo2"]);
  await cluster.client.deleteCollection(PodDisruptionBudget, {
    namespace: "disruption-1",
    labelSelector: "test=special",
  });
  await cluster.settle();
  assert.deepEqual(await list("disruption-1"), []);
  assert.deepEqual(await list(), ["foo3"]);
});

test("[sig-apps] DisruptionController should create a PodDisruptionBudget [Conformance]", async (t) => {
  const cluster = await testCluster(t);
  const { client } = cluster;
  const processed = async () => {
    const { status, metadata } = await client.get(PodDisruptionBudget, key);
    assert.equal(status.observedGeneration, metadata.generation);
  };
  await cluster.create(disruptionBudget("foo", { minAvailable: "1%" }));
  await cluster.settle();
  await processed();
  const live = structuredClone(await client.get(PodDisruptionBudget, key));
  live.spec.minAvailable = "2%";
  assert.equal((await client.update(PodDisruptionBudget, live)).spec.minAvailable, "2%");
  await cluster.settle();
  await processed();
  const patched = await client.patch(PodDisruptionBudget, key, "strategic", { spec: { minAvailable: "3%" } });
  assert.equal(patched.spec.minAvailable, "3%");
  await cluster.settle();
  await processed();
  await client.delete(PodDisruptionBudget, key);
  await assert.rejects(client.get(PodDisruptionBudget, key), isNotFound);
});

test("[sig-apps] DisruptionController should observe PodDisruptionBudget status updated [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(disruptionBudget("foo", { minAvailable: 1 }));
  await createPods(cluster, 3);
  const { status } = await cluster.get(PodDisruptionBudget, "foo");
  assert.equal(status.disruptionsAllowed, 2);
});

test("[sig-apps] DisruptionController should update/patch PodDisruptionBudget status [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const { client } = cluster;
  await cluster.create(disruptionBudget("foo", { minAvailable: 1 }));
  await createPods(cluster, 1);
  const live = structuredClone(await client.get(PodDisruptionBudget, key, { subresource: "status" }));
  live.status.disruptedPods = { "pod-0": new Date(cluster.clock.now()).toISOString() };
  const updated = await client.updateStatus(PodDisruptionBudget, live);
  assert.deepEqual(Object.keys(updated.status.disruptedPods ?? {}), ["pod-0"]);
  await cluster.settle();
  const patch = { status: { disruptedPods: null } };
  const patched = await client.patch(PodDisruptionBudget, key, "merge", patch, { subresource: "status" });
  assert.equal(patched.status.disruptedPods, undefined);
});

test("[sig-apps] DisruptionController should block an eviction until the PDB is updated to allow it [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const { client } = cluster;
  await cluster.create(disruptionBudget("foo", { minAvailable: 3 }));
  await createPods(cluster, 3);
  await isBlocked(cluster, "pod-0");

  // a smaller number lets one go
  const live = structuredClone(await client.get(PodDisruptionBudget, key));
  live.spec.minAvailable = 2;
  await client.update(PodDisruptionBudget, live);
  await cluster.settle();
  await evict(cluster, "pod-0");
  await cluster.advance("1m");
  await isBlocked(cluster, "pod-1");

  // and so does a share of the Pods that are left, patched in
  await client.patch(PodDisruptionBudget, key, "merge", { spec: { minAvailable: null, maxUnavailable: 1 } });
  await cluster.settle();
  await isBlocked(cluster, "pod-1"); // nobody controls these Pods: it cannot be told how many there shall be
  await client.delete(PodDisruptionBudget, key);
  await evict(cluster, "pod-1");
});
