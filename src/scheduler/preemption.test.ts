/** Preemption against an API server in this process. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Pod } from "../api/core/v1/index.ts";
import { PodDisruptionBudget } from "../api/policy/v1/index.ts";
import type { PriorityClass } from "../api/scheduling/v1/index.ts";
import { type Cluster, testCluster } from "../testing/index.ts";

const one = (name: string) => ({ name, capacity: { cpu: "1" } });

function pod(name: string, cpu: string, more: { class?: string; spec?: object; labels?: object } = {}) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: more.labels },
    spec: {
      containers: [{ name: "c", image: "i", resources: { requests: { cpu } } }],
      terminationGracePeriodSeconds: 30,
      priorityClassName: more.class,
      ...more.spec,
    },
  } as unknown as Pod;
}

async function cluster(t: TestContext, ...nodes: string[]): Promise<Cluster> {
  const it = await testCluster(t, { nodes: nodes.map(one), behaviour: { stopDelay: 5000 } });
  for (const [name, value, preemptionPolicy] of [
    ["low", 10],
    ["middle", 100],
    ["high", 1000],
    ["patient", 1000, "Never"],
  ] as const) {
    const metadata = { name };
    await it.create({
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata,
      value,
      preemptionPolicy,
    } as PriorityClass);
  }
  return it;
}

async function create(it: Cluster, ...pods: Pod[]): Promise<void> {
  for (const each of pods) {
    await it.create(each);
    await it.settle();
  }
}

const nodeOf = (it: Cluster, name: string) => it.pods(name)[0]?.spec.nodeName;
const isLeaving = (it: Cluster, name: string) => it.pods(name)[0]?.metadata.deletionTimestamp !== undefined;

test("a more important Pod takes the place of a less important one, and says so", async (t) => {
  const it = await cluster(t, "a");
  await create(it, pod("victim", "600m", { class: "low" }), pod("boss", "600m", { class: "high" }));
  const victim = it.pods("victim")[0]!;
  assert.ok(victim.metadata.deletionTimestamp, "it ends gracefully");
  const target = victim.status.conditions?.find(({ type }) => type === "DisruptionTarget");
  assert.equal(target?.status, "True");
  assert.equal(target?.reason, "PreemptionByScheduler");
  assert.equal(target?.message, "default-scheduler: preempting to accommodate a higher priority pod");
  assert.equal(it.pods("boss")[0]?.status.nominatedNodeName, "a");
  assert.equal(nodeOf(it, "boss"), undefined);
  await it.advance("6s");
  assert.equal(nodeOf(it, "boss"), "a");
  assert.equal(it.pods("boss")[0]?.status.nominatedNodeName, undefined);
  const { uid } = it.pods("boss")[0]!.metadata;
  assert.ok(it.events("victim").includes(`Preempted Pod/victim: Preempted by pod ${uid} on node a`));
});

test("the node is chosen whose victims matter least", async (t) => {
  const it = await cluster(t, "a", "b", "c");
  await create(
    it,
    pod("middle", "1", { class: "middle", spec: { nodeName: "a" } }),
    pod("low1", "500m", { class: "low", spec: { nodeName: "b" } }),
    pod("low2", "500m", { class: "low", spec: { nodeName: "b" } }),
    pod("low3", "1", { class: "low", spec: { nodeName: "c" } }),
    pod("boss", "1", { class: "high" }),
  );
  assert.deepEqual(
    ["middle", "low1", "low2", "low3"].map((name) => isLeaving(it, name)),
    [false, false, false, true],
  );
});

test("no more Pods leave than must, the least important first", async (t) => {
  const it = await cluster(t, "a");
  await create(
    it,
    pod("m", "400m", { class: "middle" }),
    pod("l1", "300m", { class: "low" }),
    pod("l2", "300m", { class: "low" }),
    pod("boss", "500m", { class: "high" }),
  );
  assert.deepEqual(
    ["m", "l1", "l2"].map((name) => isLeaving(it, name)),
    [false, true, true],
  );
});

async function budget(it: Cluster, app: string): Promise<void> {
  await it.create({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: app, namespace: "default" },
    spec: { minAvailable: 1, selector: { matchLabels: { app } } },
  } as unknown as PodDisruptionBudget);
  await it.settle();
}

test("disruption budgets hold where they can, and give way where they cannot", async (t) => {
  const it = await cluster(t, "a", "b");
  await create(
    it,
    pod("guarded", "1", { class: "low", labels: { app: "guarded" }, spec: { nodeName: "a" } }),
    pod("free", "1", { class: "middle", labels: { app: "free" }, spec: { nodeName: "b" } }),
  );
  await budget(it, "guarded");
  assert.equal((await it.get(PodDisruptionBudget, "guarded")).status?.disruptionsAllowed ?? 0, 0);
  await create(it, pod("boss", "1", { class: "high" }));
  assert.deepEqual([isLeaving(it, "guarded"), isLeaving(it, "free")], [false, true]);
  await it.advance("6s");
  await create(it, pod("second", "1", { class: "high" }));
  assert.ok(isLeaving(it, "guarded"), "there is nobody else");
});

test("a Pod whose class never preempts waits", async (t) => {
  const it = await cluster(t, "a");
  await create(it, pod("low", "1", { class: "low" }), pod("patient", "1", { class: "patient" }));
  assert.ok(!isLeaving(it, "low"));
  const condition = it.pods("patient")[0]?.status.conditions?.find(({ type }) => type === "PodScheduled");
  assert.equal(
    condition?.message,
    "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.",
  );
});

test("equals do not displace each other", async (t) => {
  const it = await cluster(t, "a");
  await create(it, pod("first", "1", { class: "high" }), pod("second", "1", { class: "high" }));
  assert.ok(!isLeaving(it, "first"));
  const condition = it.pods("second")[0]?.status.conditions?.find(({ type }) => type === "PodScheduled");
  assert.equal(
    condition?.message,
    "0/1 nodes are available: 1 Insufficient cpu. " +
      "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
  );
});

test("room that is made for one Pod is not given to another meanwhile", async (t) => {
  const it = await cluster(t, "a");
  await create(
    it,
    pod("big", "1", { class: "low" }),
    pod("boss", "800m", { class: "high" }),
    pod("cheeky", "800m", { class: "middle" }),
    pod("small", "200m", { class: "middle" }),
  );
  assert.equal(nodeOf(it, "cheeky"), undefined);
  await it.advance("10s");
  assert.deepEqual(
    ["boss", "cheeky", "small"].map((name) => nodeOf(it, name)),
    ["a", undefined, "a"],
  );
});
