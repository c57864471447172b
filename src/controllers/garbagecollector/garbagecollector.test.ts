import assert from "node:assert/strict";
import { test } from "node:test";
import { Deployment, ReplicaSet } from "../../api/apps/v1/index.ts";
import { ConfigMap, Pod } from "../../api/core/v1/index.ts";
import type { OwnerReference } from "../../apimachinery/meta.ts";
import { deployment, pod, replicaSet, testCluster } from "../../testing/index.ts";
import { itemOf } from "./graph.ts";
import { judge } from "./plan.ts";

const configMap = (name: string, ownerReferences: OwnerReference[] = [], namespace = "default"): ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, ownerReferences },
});
const ownedBy = (owner: ConfigMap, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  name: owner.metadata.name!,
  uid: owner.metadata.uid!,
  ...more,
});

test("background: the owner goes at once, then what it owned", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(deployment("web", { replicas: 2 }));
  await cluster.settle();
  await cluster.delete(Deployment, "web", { propagationPolicy: "Background" });
  assert.equal((await cluster.list(Deployment)).length, 0);
  await cluster.settle();
  assert.deepEqual([(await cluster.list(ReplicaSet)).length, cluster.pods("web").length], [0, 0]);
});

test("foreground: the owner stays until all that blocks it is gone", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { stopDelay: 20_000 } });
  await cluster.apply(deployment("web", { replicas: 2 }));
  await cluster.settle();
  await cluster.delete(Deployment, "web", { propagationPolicy: "Foreground" });
  await cluster.settle();
  const left = await cluster.get(Deployment, "web");
  assert.deepEqual(left.metadata.finalizers, ["foregroundDeletion"]);
  assert.equal((await cluster.list(ReplicaSet)).length, 1);
  await cluster.advance("25s");
  assert.equal((await cluster.list(Deployment)).length, 0);
  assert.equal((await cluster.list(ReplicaSet)).length, 0);
  assert.equal(cluster.pods("web").length, 0);
});

test("orphan: what was owned stays, and belongs to nobody", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(replicaSet("web", { replicas: 2 }));
  await cluster.settle();
  await cluster.delete(ReplicaSet, "web", { propagationPolicy: "Orphan" });
  await cluster.settle();
  assert.equal((await cluster.list(ReplicaSet)).length, 0);
  const pods = cluster.pods("web");
  assert.equal(pods.length, 2);
  assert.ok(pods.every((p) => !p.metadata.ownerReferences?.length));
});

test("an object with two owners lives while one of them does", async (t) => {
  const cluster = await testCluster(t);
  const one = await cluster.create(configMap("one"));
  const two = await cluster.create(configMap("two"));
  await cluster.create(configMap("child", [ownedBy(one), ownedBy(two)]));
  await cluster.settle();
  await cluster.delete(ConfigMap, "one");
  await cluster.settle();
  const child = await cluster.get(ConfigMap, "child");
  assert.deepEqual(
    child.metadata.ownerReferences?.map((o) => o.name),
    ["two"],
  );
  await cluster.delete(ConfigMap, "two");
  await cluster.settle();
  assert.ok(!(await cluster.list(ConfigMap, "default")).some((c) => c.metadata.name === "child"));
});

test("an object made with an owner that is not there is deleted", async (t) => {
  const cluster = await testCluster(t);
  const ghost = { ...configMap("ghost"), metadata: { name: "ghost", uid: "11111111-1111-4111-8111-111111111111" } };
  await cluster.create(configMap("child", [ownedBy(ghost)]));
  await cluster.settle();
  assert.ok(!(await cluster.list(ConfigMap, "default")).some((c) => c.metadata.name === "child"));
});

test("an owner in another namespace counts as absent, and an event says so", async (t) => {
  const cluster = await testCluster(t);
  const owner = await cluster.create(configMap("owner", [], "kube-public"));
  await cluster.create(configMap("child", [ownedBy(owner)]));
  await cluster.settle();
  assert.ok(!(await cluster.list(ConfigMap, "default")).some((c) => c.metadata.name === "child"));
  assert.match(cluster.events("child").join(), /OwnerRefInvalidNamespace/);
});

test("two that own each other and wait for each other both go", async (t) => {
  const cluster = await testCluster(t);
  const a = await cluster.create(configMap("a"));
  const b = await cluster.create(configMap("b", [ownedBy(a, { blockOwnerDeletion: true })]));
  await cluster.edit(ConfigMap, "a", (object) => {
    object.metadata.ownerReferences = [ownedBy(b, { blockOwnerDeletion: true })];
  });
  await cluster.settle();
  await cluster.delete(ConfigMap, "a", { propagationPolicy: "Foreground" });
  await cluster.advance("1m");
  const left = (await cluster.list(ConfigMap, "default")).map((c) => c.metadata.name);
  assert.ok(!left.includes("a") && !left.includes("b"), left.join());
});

test("an object without owners is left alone, whatever becomes of others", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(pod("free"));
  await cluster.apply(replicaSet("web", { replicas: 1 }));
  await cluster.settle();
  await cluster.delete(ReplicaSet, "web");
  await cluster.settle();
  assert.equal((await cluster.list(Pod, "default")).map((p) => p.metadata.name).join(), "free");
});

test("judging: solid owners keep, waiting ones delete in the foreground, absent ones in the background", () => {
  const owners = [ownedBy(configMap("x")), ownedBy(configMap("y"))];
  const item = itemOf(ConfigMap as never, configMap("c", owners));
  const states =
    (...of: ("solid" | "absent" | "waiting")[]) =>
    (owner: OwnerReference) =>
      of[owners.indexOf(owner)]!;
  assert.equal(judge(item, states("solid", "solid"), []).do, "nothing");
  assert.deepEqual(judge(item, states("solid", "absent"), []), { do: "disown", owners: [owners[0]] });
  const gone = judge(item, states("absent", "absent"), []);
  assert.deepEqual(gone, { do: "delete", propagationPolicy: "Background", unblock: false });
  const waits = judge(item, states("waiting", "absent"), [item]);
  assert.deepEqual(waits, { do: "delete", propagationPolicy: "Foreground", unblock: false });
});
