/** The scheduler as a whole, against an API server in this process. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Event, type Namespace, Node, Pod } from "../api/core/v1/index.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { type Cluster, type ClusterOptions, testCluster } from "../testing/index.ts";

type Spec = Record<string, unknown>;
const asking = (cpu: string) => ({ containers: [{ name: "c", image: "i", resources: { requests: { cpu } } }] });

function pod(name: string, spec: Spec = {}, metadata: object = {}) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", ...metadata },
    spec: { containers: [{ name: "c", image: "i" }], terminationGracePeriodSeconds: 0, ...spec },
  } as unknown as Pod;
}

/** Nodes a, b, c in zones x, x, y, of one CPU each. */
const zones = ["a", "b", "c"].map((name, i) => ({
  name,
  labels: { zone: i < 2 ? "x" : "y" },
  capacity: { cpu: "1" },
}));

async function cluster(t: TestContext, options: ClusterOptions = {}): Promise<Cluster> {
  return testCluster(t, { nodes: zones, ...options });
}

async function place(on: Cluster, ...pods: Pod[]): Promise<(string | undefined)[]> {
  for (const each of pods) {
    await on.create(each);
    await on.settle();
  }
  return pods.map(({ metadata }) => on.pods(metadata.name, metadata.namespace)[0]?.spec.nodeName);
}

const whyNot = (on: Cluster, name: string) =>
  on.pods(name)[0]?.status.conditions?.find(({ type }) => type === "PodScheduled")?.message;

const near = (labels: object, topologyKey = "zone", more: object = {}) => ({
  requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: labels }, topologyKey, ...more }],
});

test("a Pod goes where the Pods are that it must be near", async (t) => {
  const it = await cluster(t);
  const nodes = await place(
    it,
    pod("db", { nodeSelector: { zone: "y" } }, { labels: { app: "db" } }),
    pod("web", { affinity: { podAffinity: near({ app: "db" }) } }),
    pod("lost", { affinity: { podAffinity: near({ app: "none" }) } }),
  );
  assert.deepEqual(nodes, ["c", "c", undefined]);
  assert.equal(
    whyNot(it, "lost"),
    "0/3 nodes are available: 3 node(s) didn't match pod affinity rules. " +
      "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
  );
  await place(it, pod("none", {}, { labels: { app: "none" } }));
  assert.ok(it.pods("lost")[0]?.spec.nodeName, "it is tried again when such a Pod comes");
});

test("the first of a group that wants to be together goes anywhere", async (t) => {
  const it = await cluster(t);
  const member = (name: string) =>
    pod(name, { affinity: { podAffinity: near({ app: "g" }, "kubernetes.io/hostname") } }, { labels: { app: "g" } });
  const nodes = await place(it, member("one"), member("two"), member("three"));
  assert.equal(new Set(nodes).size, 1);
  assert.ok(nodes[0]);
});

test("Pods that must be apart are, and those that came later too", async (t) => {
  const it = await cluster(t);
  const alone = (name: string) =>
    pod(name, { affinity: { podAntiAffinity: near({ app: "s" }) } }, { labels: { app: "s" } });
  const nodes = await place(it, alone("one"), alone("two"), alone("three"), pod("guest", {}, { labels: { app: "s" } }));
  assert.equal(new Set(nodes.slice(0, 2)).size, 2);
  assert.deepEqual(nodes.slice(2), [undefined, undefined]);
  assert.match(whyNot(it, "three")!, /^0\/3 nodes are available: 3 node\(s\) didn't match pod anti-affinity rules\./);
  assert.match(whyNot(it, "guest")!, /3 node\(s\) didn't satisfy existing pods anti-affinity rules\./);
  await it.delete(Pod, "one");
  await it.settle();
  assert.ok(it.pods("three")[0]?.spec.nodeName ?? it.pods("guest")[0]?.spec.nodeName);
});

test("namespaces of a term are named, or chosen by label", async (t) => {
  const it = await cluster(t);
  for (const name of ["red", "blue"]) {
    await it.create({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels: { name } },
    } as unknown as Namespace);
  }
  await it.settle();
  const there = pod("db", { nodeSelector: { zone: "y" } }, { labels: { app: "db" }, namespace: "red" });
  const by = (name: string, more: object) =>
    pod(name, { affinity: { podAffinity: near({ app: "db" }, "zone", more) } });
  const nodes = await place(
    it,
    there,
    by("named", { namespaces: ["red"] }),
    by("chosen", { namespaceSelector: { matchLabels: { name: "red" } } }),
    by("all", { namespaceSelector: {} }),
    by("other", { namespaceSelector: { matchLabels: { name: "blue" } } }),
    by("own", {}),
  );
  assert.deepEqual(nodes, ["c", "c", "c", "c", undefined, undefined]);
  await place(it, pod("db", { nodeSelector: { zone: "x" } }, { labels: { app: "db" }, namespace: "blue" }));
  assert.ok(it.pods("other")[0]?.spec.nodeName, "it is tried again when such a Pod comes to a chosen namespace");
});

test("preferred affinity ranks, preferred anti-affinity repels", async (t) => {
  const it = await cluster(t);
  const prefers = (kind: string) => ({
    affinity: {
      [kind]: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 100, podAffinityTerm: { labelSelector: { matchLabels: { app: "db" } }, topologyKey: "zone" } },
        ],
      },
    },
  });
  const nodes = await place(
    it,
    pod("db", { nodeSelector: { zone: "y" } }, { labels: { app: "db" } }),
    pod("close", prefers("podAffinity")),
    pod("far", prefers("podAntiAffinity")),
  );
  assert.deepEqual(nodes.slice(0, 2), ["c", "c"]);
  assert.notEqual(nodes[2], "c");
});

const spread = (more: object = {}) => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "zone",
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: { app: "s" } },
      ...more,
    },
  ],
});
const labelled = { labels: { app: "s" } };

test("spread Pods differ by no more than the skew between places", async (t) => {
  const it = await cluster(t);
  const nodes = await place(it, ...["1", "2", "3", "4"].map((name) => pod(name, spread(), labelled)));
  const inY = nodes.filter((name) => name === "c").length;
  assert.equal(inY, 2);
  const [only] = await place(it, pod("only-x", { ...spread(), nodeSelector: { zone: "x" } }, labelled));
  assert.ok(only, "places that the Pod's own selector leaves out do not count");
});

test("a Pod that would make the skew too great waits, and says so", async (t) => {
  const it = await cluster(t);
  await place(it, pod("1", { ...spread(), nodeName: "a" }, labelled));
  const [second] = await place(
    it,
    pod("2", { ...spread({ nodeAffinityPolicy: "Ignore" }), nodeSelector: { zone: "x" } }, labelled),
  );
  assert.equal(second, undefined);
  assert.match(
    whyNot(it, "2")!,
    /1 node\(s\) didn't match Pod's node affinity\/selector, 2 node\(s\) didn't match pod topology spread constraints\./,
  );
});

test("with too few places, each counts as if another were empty", async (t) => {
  const it = await cluster(t);
  const nodes = await place(it, ...["1", "2", "3"].map((name) => pod(name, spread({ minDomains: 3 }), labelled)));
  assert.equal(nodes.filter(Boolean).length, 2);
});

test("nodes without the label are no place", async (t) => {
  const it = await cluster(t, { nodes: [{ name: "a" }] });
  await place(it, pod("1", spread(), labelled));
  assert.match(
    whyNot(it, "1")!,
    /1 node\(s\) didn't match pod topology spread constraints \(missing required label\)\./,
  );
});

test("matchLabelKeys spreads each generation by itself", async (t) => {
  const it = await cluster(t);
  const of = (name: string, generation: string) =>
    pod(name, spread({ matchLabelKeys: ["gen"] }), { labels: { app: "s", gen: generation } });
  const nodes = await place(it, of("1", "old"), of("2", "old"), of("3", "new"), of("4", "new"));
  assert.equal(nodes.filter((name) => name === "c").length, 2);
});

test("a gated Pod waits until its gates are gone", async (t) => {
  const it = await cluster(t);
  const [before] = await place(it, pod("gated", { schedulingGates: [{ name: "example.com/wait" }] }));
  assert.equal(before, undefined);
  const condition = it.pods("gated")[0]!.status.conditions?.[0];
  assert.equal(condition?.reason, "SchedulingGated");
  assert.equal(condition?.message, "Scheduling is blocked due to non-empty scheduling gates");
  await it.edit(Pod, "gated", (gated) => {
    gated.spec.schedulingGates = [];
  });
  await it.settle();
  assert.ok(it.pods("gated")[0]?.spec.nodeName);
});

test("a waiting Pod is tried again when a node changes so that it helps", async (t) => {
  const it = await cluster(t);
  await place(it, pod("picky", { nodeSelector: { disk: "ssd" } }));
  assert.equal(
    whyNot(it, "picky"),
    "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. " +
      "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
  );
  await it.edit(Node, "b", (node) => {
    node.metadata.labels = { ...node.metadata.labels, disk: "ssd" };
  });
  await it.settle();
  assert.equal(it.pods("picky")[0]?.spec.nodeName, "b");
});

test("a Pod of another scheduler is left alone", async (t) => {
  const it = await cluster(t);
  assert.deepEqual(await place(it, pod("other", { schedulerName: "another" })), [undefined]);
  assert.deepEqual(it.events("other"), []);
});

test("what one resource lacks for good, no one's leaving can give", async (t) => {
  const it = await cluster(t);
  await place(it, pod("big", asking("2")));
  assert.equal(
    whyNot(it, "big"),
    "0/3 nodes are available: 3 Insufficient cpu. " +
      "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
  );
});

const PROFILES = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: default-scheduler
- schedulerName: packer
  plugins:
    score: {disabled: [{name: "*"}], enabled: [{name: NodeResourcesFit}]}
  pluginConfig:
  - name: NodeResourcesFit
    args: {scoringStrategy: {type: MostAllocated, resources: [{name: cpu}]}}
- schedulerName: careless
  plugins: {multiPoint: {disabled: [{name: NodeAffinity}, {name: DefaultPreemption}]}}
- schedulerName: southern
  pluginConfig:
  - name: NodeAffinity
    args:
      addedAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
          nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: ["y"]}]}]
- schedulerName: even
  pluginConfig:
  - name: PodTopologySpread
    args:
      defaultingType: List
      defaultConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}]
`;

test("each profile schedules its own Pods in its own way", async (t) => {
  const it = await cluster(t, { scheduler: PROFILES });
  const by = (schedulerName: string, name: string, spec: Spec = {}) =>
    pod(name, { schedulerName, ...asking("100m"), ...spec });
  const packed = await place(it, by("packer", "p1"), by("packer", "p2"), by("packer", "p3"), by("packer", "p4"));
  assert.equal(new Set(packed).size, 1, "one node is filled first");
  const [careless, southern] = await place(
    it,
    by("careless", "c", { nodeSelector: { zone: "none" } }),
    by("southern", "s"),
  );
  assert.ok(careless, "nobody asks about the selector");
  assert.equal(southern, "c");
  await place(it, by("southern", "lost", { nodeSelector: { zone: "x" } }), by("careless", "large", asking("5")));
  assert.match(whyNot(it, "lost")!, /2 node\(s\) didn't match scheduler-enforced node affinity/);
  assert.equal(whyNot(it, "large"), "0/3 nodes are available: 3 Insufficient cpu.");
  assert.ok(it.events("lost").some((text) => text.startsWith("FailedScheduling")));
});

test("a profile's default constraints spread the Pods of a controller", async (t) => {
  const it = await cluster(t, { scheduler: PROFILES });
  const labels = { app: "even" };
  const spec = pod("x", { schedulerName: "even" }).spec;
  await it.create({
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "even", namespace: "default" },
    spec: { replicas: 4, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  } as unknown as KubernetesObject);
  await it.settle();
  const nodes = it.pods("even").map(({ spec: { nodeName } }) => nodeName);
  assert.equal(nodes.filter((name) => name === "c").length, 2);
});

test("room that becomes free wakes only Pods that fit into it", async (t) => {
  const it = await cluster(t, { nodes: [{ name: "a", capacity: { cpu: "1" } }] });
  await place(
    it,
    pod("half", asking("500m")),
    pod("other", asking("500m")),
    pod("large", asking("800m")),
    pod("small", asking("400m")),
  );
  const tries = async (name: string) =>
    (await it.list(Event))
      .filter(({ reason, involvedObject }) => reason === "FailedScheduling" && involvedObject.name === name)
      .reduce((sum, { count }) => sum + (count ?? 0), 0);
  assert.deepEqual([await tries("large"), await tries("small")], [1, 1]);
  await it.delete(Pod, "half");
  await it.advance("30s");
  assert.equal(it.pods("small")[0]?.spec.nodeName, "a");
  assert.equal(it.pods("large")[0]?.spec.nodeName, undefined);
  assert.equal(await tries("large"), 1);
});
