import assert from "node:assert/strict";
import { test } from "node:test";
import { ReplicaSet } from "../../api/apps/v1/index.ts";
import { Node, Pod } from "../../api/core/v1/index.ts";
import { isReady, pod, replicaSet, testCluster } from "../../testing/index.ts";
import { rankForDeletion } from "./ranking.ts";

test("replaces a pod that was deleted, and one that has failed", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(replicaSet("web", { replicas: 2 }));
  await cluster.settle();
  const [first, second] = cluster.pods("web");
  await cluster.delete(Pod, first!.metadata.name!);
  await cluster.client.updateStatus(Pod, { ...second!, status: { ...second!.status, phase: "Failed" } });
  await cluster.settle();
  const running = cluster
    .pods("web")
    .filter(isReady)
    .filter((p) => p.status.phase === "Running");
  assert.equal(running.length, 2);
  assert.ok(running.every((p) => p.metadata.uid !== first!.metadata.uid && p.metadata.uid !== second!.metadata.uid));
});

test("replaces pods whose node was deleted", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.apply(replicaSet("web", { replicas: 4 }));
  await cluster.settle();
  await cluster.delete(Node, "a");
  await cluster.advance("6m");
  const pods = cluster.pods("web");
  assert.equal(pods.filter(isReady).length, 4);
  assert.ok(pods.every((p) => p.spec.nodeName === "b"));
});

test("adopts a pod that matches, and releases one that no longer does", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(pod("web-adopted", { app: "web" }));
  await cluster.create(pod("web-other", { app: "other" }));
  await cluster.apply(replicaSet("web", { replicas: 2 }));
  await cluster.settle();
  const set = await cluster.get(ReplicaSet, "web");
  const owned = () => cluster.pods("web").filter((p) => p.metadata.ownerReferences?.[0]?.uid === set.metadata.uid);
  assert.equal(owned().length, 2);
  assert.ok(owned().some((p) => p.metadata.name === "web-adopted"));
  await cluster.edit(Pod, "web-adopted", (p) => {
    p.metadata.labels = { app: "debug" };
  });
  await cluster.settle();
  assert.equal(owned().length, 2);
  assert.ok(owned().every((p) => p.metadata.name !== "web-adopted"));
  assert.equal((await cluster.get(Pod, "web-adopted")).metadata.ownerReferences, undefined);
});

test("counts what is ready, available, fully labelled and ending", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { readyDelay: 10_000, stopDelay: 20_000 } });
  await cluster.apply(replicaSet("web", { replicas: 2, spec: { minReadySeconds: 30 } }));
  await cluster.settle();
  const status = async () => {
    const { replicas, fullyLabeledReplicas, readyReplicas, availableReplicas, terminatingReplicas } = (
      await cluster.get(ReplicaSet, "web")
    ).status;
    return [replicas, fullyLabeledReplicas, readyReplicas ?? 0, availableReplicas ?? 0, terminatingReplicas ?? 0];
  };
  assert.deepEqual(await status(), [2, 2, 0, 0, 0]);
  await cluster.advance("11s");
  assert.deepEqual(await status(), [2, 2, 2, 0, 0]);
  await cluster.advance("30s");
  assert.deepEqual(await status(), [2, 2, 2, 2, 0]);
  await cluster.delete(Pod, cluster.pods("web")[0]!.metadata.name!);
  await cluster.settle();
  assert.deepEqual(await status(), [2, 2, 1, 1, 1]);
  await cluster.advance("1m");
  assert.deepEqual(await status(), [2, 2, 2, 2, 0]);
});

const NOW = Date.UTC(2030, 0, 1);
interface Made {
  node?: string;
  phase?: string;
  ready?: boolean;
  cost?: string;
  restarts?: number;
  age?: number;
}
function made(name: string, { node = "a", phase = "Running", ready = true, cost, restarts = 0, age = 60 }: Made): Pod {
  const time = new Date(NOW - age * 1000).toISOString();
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: time,
      annotations: cost === undefined ? {} : { "controller.kubernetes.io/pod-deletion-cost": cost },
    },
    spec: { nodeName: node, containers: [] },
    status: {
      phase,
      conditions: [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime: time }],
      containerStatuses: [{ restartCount: restarts }],
    },
  } as unknown as Pod;
}

const first = (...pods: Pod[]) => rankForDeletion(pods, pods, NOW).map((p) => p.metadata.name);

test("scaling down deletes first what is of least use", () => {
  assert.deepEqual(first(made("bound", {}), made("unbound", { node: "" })), ["unbound", "bound"]);
  assert.deepEqual(first(made("running", {}), made("pending", { phase: "Pending" })), ["pending", "running"]);
  assert.deepEqual(first(made("ready", {}), made("unready", { ready: false })), ["unready", "ready"]);
  assert.deepEqual(first(made("dear", { cost: "10" }), made("cheap", { cost: "-5" })), ["cheap", "dear"]);
  assert.deepEqual(first(made("alone", { node: "b" }), made("crowd1", {}), made("crowd2", {}))[2], "alone");
  assert.deepEqual(first(made("old", { age: 100_000 }), made("young", { age: 10 })), ["young", "old"]);
  assert.deepEqual(first(made("steady", {}), made("restarting", { restarts: 3 })), ["restarting", "steady"]);
});

test("readiness counts more than deletion cost, and an invalid cost counts nothing", () => {
  assert.deepEqual(first(made("dear", { cost: "10", ready: false }), made("cheap", { cost: "-5" })), ["dear", "cheap"]);
  assert.deepEqual(first(made("b", { cost: "+7" }), made("a", { cost: "-1" })), ["a", "b"]);
});
