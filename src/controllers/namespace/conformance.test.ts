/** Sentences of Kubernetes' conformance suite about Namespaces. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap, Namespace, Pod, Service } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { type Cluster, namespace, pod, service, testCluster } from "../../testing/index.ts";

const gone = (cluster: Cluster, name: string) => () => cluster.get(Namespace, name).then(() => false, isNotFound);

async function made(cluster: Cluster, name: string): Promise<Namespace> {
  const created = await cluster.create(namespace(name));
  await cluster.settle();
  return created;
}

test("[sig-api-machinery] Namespaces [Serial] should ensure that all pods are removed when a namespace is deleted [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await made(cluster, "nsdeletetest");
  await cluster.create(pod("test-pod", { namespace: "nsdeletetest" }));
  const phase = async () => (await cluster.get(Pod, "test-pod", "nsdeletetest")).status.phase;
  await cluster.until(async () => (await phase()) === "Running");
  await cluster.delete(Namespace, "nsdeletetest");
  await cluster.until(gone(cluster, "nsdeletetest"), "90s");
  await made(cluster, "nsdeletetest");
  await assert.rejects(phase, isNotFound);
});

test("[sig-api-machinery] Namespaces [Serial] should ensure that all services are removed when a namespace is deleted [Conformance]", async (t) => {
  const cluster = await testCluster(t);
  await made(cluster, "nsdeletetest");
  await cluster.create(service("test-service", { namespace: "nsdeletetest" }));
  await cluster.delete(Namespace, "nsdeletetest");
  await cluster.until(gone(cluster, "nsdeletetest"), "60s");
  await made(cluster, "nsdeletetest");
  await assert.rejects(cluster.get(Service, "test-service", "nsdeletetest"), isNotFound);
});

test("[sig-api-machinery] Namespaces [Serial] should patch a Namespace [Conformance]", async (t) => {
  const cluster = await testCluster(t);
  await made(cluster, "nspatchtest");
  const labels = { testLabel: "testValue" };
  await cluster.client.patch(Namespace, { name: "nspatchtest" }, "strategic", { metadata: { labels } });
  assert.equal((await cluster.get(Namespace, "nspatchtest")).metadata.labels?.testLabel, "testValue");
});

test("[sig-api-machinery] Namespaces [Serial] should apply changes to a namespace status [Conformance]", async (t) => {
  const cluster = await testCluster(t);
  await made(cluster, "status");
  const subresource = "status";
  const read = () => cluster.client.get(Namespace, { name: "status" }, { subresource });
  assert.equal((await read()).status.phase, "Active");
  const condition = {
    type: "StatusPatch",
    status: "True",
    reason: "E2E",
    message: "Patched by an e2e test",
    lastTransitionTime: null as never,
  };
  const patched = await cluster.client.patch(
    Namespace,
    { name: "status" },
    "merge",
    { metadata: { annotations: { "e2e-patched-ns-status": "status" } }, status: { conditions: [condition] } },
    { subresource },
  );
  assert.equal(patched.metadata.annotations?.["e2e-patched-ns-status"], "status");
  assert.equal(patched.status.conditions?.at(-1)?.message, "Patched by an e2e test");
  const changed = structuredClone(await read());
  changed.status.conditions?.push({ ...condition, type: "StatusUpdate", message: "Updated by an e2e test" });
  const updated = await cluster.client.updateStatus(Namespace, changed);
  assert.equal(updated.status.conditions?.length, 2);
  assert.equal(updated.status.conditions?.at(-1)?.type, "StatusUpdate");
});

test("[sig-api-machinery] Namespaces [Serial] should apply an update to a Namespace [Conformance]", async (t) => {
  const cluster = await testCluster(t);
  await made(cluster, "updated");
  const updated = await cluster.edit(Namespace, "updated", ({ metadata }) => {
    metadata.labels!.updated = "updated";
  });
  assert.equal(updated.metadata.labels?.updated, "updated");
});

test("[sig-api-machinery] Namespaces [Serial] should apply a finalizer to a Namespace [Conformance]", async (t) => {
  const cluster = await testCluster(t);
  await made(cluster, "e2e-ns");
  const fake = "e2e.example.com/fakeFinalizer";
  const finalize = async (change: (finalizers: string[]) => string[]) => {
    const live = structuredClone(await cluster.get(Namespace, "e2e-ns"));
    live.spec.finalizers = change(live.spec.finalizers ?? []);
    return cluster.client.update(Namespace, live, { subresource: "finalize" });
  };
  assert.deepEqual((await finalize((all) => [...all, fake])).spec.finalizers, ["kubernetes", fake]);
  assert.deepEqual((await finalize((all) => all.filter((one) => one !== fake))).spec.finalizers, ["kubernetes"]);
});

test("[sig-api-machinery] OrderedNamespaceDeletion namespace deletion should delete pod first [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const at = "nsdeletetest";
  await made(cluster, at);
  const held = pod("test-pod", { namespace: at });
  await cluster.create({ ...held, metadata: { ...held.metadata, finalizers: ["e2e.example.com/finalizer"] } });
  await cluster.until(async () => (await cluster.get(Pod, "test-pod", at)).status.phase === "Running");
  const metadata = { name: "test-configmap", namespace: at };
  await cluster.create({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { key: "value" } } as ConfigMap);
  await cluster.delete(Namespace, at);
  await cluster.until(async () => {
    const { status } = await cluster.get(Namespace, at);
    return status.conditions?.some(({ type }) => type === "NamespaceDeletionContentFailure") ?? false;
  });
  await cluster.advance("1m");
  await cluster.get(ConfigMap, "test-configmap", at);
  assert.ok((await cluster.get(Pod, "test-pod", at)).metadata.deletionTimestamp);
  await cluster.edit(
    Pod,
    "test-pod",
    ({ metadata }) => {
      metadata.finalizers = [];
    },
    at,
  );
  await cluster.until(gone(cluster, at));
});
