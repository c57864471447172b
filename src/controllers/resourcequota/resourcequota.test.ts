import assert from "node:assert/strict";
import { test } from "node:test";
import { type PersistentVolumeClaim, Pod, ResourceQuota } from "../../api/core/v1/index.ts";
import type { PriorityClass } from "../../api/scheduling/v1/index.ts";
import { type Cluster, deployment, pod, replicaSet, testCluster } from "../../testing/index.ts";

function quota(name: string, spec: ResourceQuota["spec"]): ResourceQuota {
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: { name, namespace: "default" }, spec } as ResourceQuota;
}
const used = async (cluster: Cluster, name = "q") => (await cluster.get(ResourceQuota, name)).status.used;

test("never lets more through than is allowed, however many ask at once", async (t) => {
  const cluster = await testCluster(t, { scheduler: false });
  await cluster.create(quota("q", { hard: { pods: "10" } }));
  await cluster.create(quota("r", { hard: { "count/pods": "25" } }));
  await cluster.settle();
  const created = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => cluster.create(pod(`p${i}`))));
  assert.equal(created.filter(({ status }) => status === "fulfilled").length, 10);
  assert.deepEqual([await used(cluster), await used(cluster, "r")], [{ pods: "10" }, { "count/pods": "10" }]);
  await cluster.advance("10s");
  assert.deepEqual(await used(cluster), { pods: "10" });
});

test("charges nothing for what is only tried, or exists already", async (t) => {
  const cluster = await testCluster(t, { scheduler: false });
  await cluster.create(quota("q", { hard: { pods: "2" } }));
  await cluster.settle();
  await cluster.client.create(Pod, pod("a"), { dryRun: true });
  await cluster.create(pod("a"));
  await assert.rejects(cluster.create(pod("a")), /already exists/);
  assert.deepEqual(await used(cluster), { pods: "1" });
});

test("lets a ReplicaSet go on as soon as there is room again", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(quota("q", { hard: { pods: "3" } }));
  await cluster.settle();
  await cluster.create(pod("other"));
  await cluster.apply(replicaSet("web", { replicas: 3 }));
  await cluster.settle();
  assert.equal(cluster.pods("web").length, 2);
  assert.match(cluster.events("web").join("\n"), /FailedCreate .* exceeded quota: q, requested: pods=1, used: pods=3/);
  await cluster.delete(Pod, "other", { gracePeriodSeconds: 0 });
  await cluster.advance("1m");
  assert.equal(cluster.pods("web").length, 3);
});

test("releases what Pods asked for when they have ended, and goes on counting them as objects", async (t) => {
  const cluster = await testCluster(t, { scheduler: false });
  await cluster.create(quota("q", { hard: { pods: "5", "count/pods": "5" } }));
  await cluster.settle();
  const made = await cluster.create(pod("a"));
  await cluster.client.updateStatus(Pod, { ...made, status: { ...made.status, phase: "Succeeded" } });
  await cluster.advance("5s");
  assert.deepEqual(await used(cluster), { pods: "0", "count/pods": "1" });
});

test("asks every container for what is counted", async (t) => {
  const cluster = await testCluster(t, { scheduler: false });
  await cluster.create(quota("q", { hard: { "limits.memory": "1Gi", "requests.cpu": "1" } }));
  await cluster.settle();
  await assert.rejects(
    cluster.create(pod("a")),
    /pods "a" is forbidden: failed quota: q: must specify limits.memory for: main; requests.cpu for: main/,
  );
});

test("counts Pods of the priority classes that it names, and claims by their class", async (t) => {
  const cluster = await testCluster(t, { scheduler: false });
  const high = { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: "high" }, value: 10 };
  await cluster.create(high as PriorityClass);
  const matchExpressions = [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }];
  await cluster.create(quota("q", { hard: { pods: "1" }, scopeSelector: { matchExpressions } }));
  const gold = "gold.storageclass.storage.k8s.io";
  const claims = { [`${gold}/requests.storage`]: "3Gi", persistentvolumeclaims: "5" };
  await cluster.create(quota("claims", { hard: claims }));
  await cluster.settle();
  await cluster.create(pod("plain"));
  await cluster.create(pod("first", { spec: { priorityClassName: "high" } }));
  await assert.rejects(cluster.create(pod("second", { spec: { priorityClassName: "high" } })), /exceeded quota: q/);
  const claim = (name: string, storageClassName: string, storage: string) =>
    cluster.create({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name, namespace: "default" },
      spec: { storageClassName, accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
    } as unknown as PersistentVolumeClaim);
  await claim("a", "gold", "2Gi");
  await claim("b", "tin", "2Gi");
  await assert.rejects(claim("c", "gold", "2Gi"), /exceeded quota: claims/);
  assert.deepEqual(await used(cluster, "claims"), { [`${gold}/requests.storage`]: "2Gi", persistentvolumeclaims: "2" });
});

test("counts objects of any kind", async (t) => {
  const cluster = await testCluster(t, { scheduler: false });
  await cluster.create(quota("q", { hard: { "count/deployments.apps": "1" } }));
  await cluster.settle();
  await cluster.create(deployment("a"));
  await assert.rejects(cluster.create(deployment("b")), {
    message:
      'deployments.apps "b" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, ' +
      "used: count/deployments.apps=1, limited: count/deployments.apps=1",
  });
});

test("finds out by itself when something was charged for, but never created", async (t) => {
  const cluster = await testCluster(t, { scheduler: false });
  await cluster.create(quota("q", { hard: { pods: "5" } }));
  await cluster.settle();
  const current = await cluster.get(ResourceQuota, "q");
  await cluster.client.updateStatus(ResourceQuota, { ...current, status: { ...current.status, used: { pods: "4" } } });
  await cluster.advance("5s");
  assert.deepEqual(await used(cluster), { pods: "0" });
});
