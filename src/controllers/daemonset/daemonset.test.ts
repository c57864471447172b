import assert from "node:assert/strict";
import { test } from "node:test";
import { ControllerRevision, DaemonSet } from "../../api/apps/v1/index.ts";
import { Node, Pod } from "../../api/core/v1/index.ts";
import { type Cluster, daemonSet, isReady, pod, testCluster } from "../../testing/index.ts";

const image = ({ spec }: Pod) => spec.containers[0]?.image;
const nodesOf = (cluster: Cluster, name = "log") =>
  cluster
    .pods(name)
    .map(({ spec }) => spec.nodeName)
    .sort();
const status = async (cluster: Cluster) => (await cluster.get(DaemonSet, "log")).status;

test("runs one Pod on each node, and follows nodes that come and go", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.apply(daemonSet("log"));
  await cluster.settle();
  assert.deepEqual(nodesOf(cluster), ["a", "b"]);
  await cluster.join("c");
  await cluster.settle();
  assert.deepEqual(nodesOf(cluster), ["a", "b", "c"]);
  const { metadata } = await cluster.get(DaemonSet, "log");
  assert.deepEqual(await status(cluster), {
    currentNumberScheduled: 3,
    desiredNumberScheduled: 3,
    numberAvailable: 3,
    numberMisscheduled: 0,
    numberReady: 3,
    observedGeneration: metadata.generation,
    updatedNumberScheduled: 3,
  });
  cluster.silence("c");
  await cluster.delete(Node, "c");
  await cluster.advance("2m");
  assert.deepEqual(nodesOf(cluster), ["a", "b"]);
  assert.equal((await status(cluster)).desiredNumberScheduled, 2);
});

test("a daemon's Pod names its node, tolerates its trouble, and is bound by the scheduler", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(daemonSet("log", { spec: {} }));
  await cluster.settle();
  const [found] = cluster.pods("log");
  const required = found?.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  assert.deepEqual(required, {
    nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a"] }] }],
  });
  assert.deepEqual(
    found?.spec.tolerations?.map(({ key, effect }) => `${key?.slice("node.kubernetes.io/".length)} ${effect}`),
    [
      "not-ready NoExecute",
      "unreachable NoExecute",
      "disk-pressure NoSchedule",
      "memory-pressure NoSchedule",
      "pid-pressure NoSchedule",
      "unschedulable NoSchedule",
    ],
  );
  assert.equal(found?.metadata.labels?.["pod-template-generation"], "1");
  assert.match(cluster.events(found!.metadata.name).join("\n"), /Scheduled Pod/);
});

test("a node selector chooses nodes, also when their labels change", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  const set = daemonSet("log");
  set.spec.template.spec.nodeSelector = { disk: "ssd" };
  await cluster.apply(set);
  await cluster.settle();
  assert.deepEqual(nodesOf(cluster), []);
  const label = (node: string, labels: Record<string, string | null>) =>
    cluster.client.patch(Node, { name: node }, "merge", { metadata: { labels } });
  await label("b", { disk: "ssd" });
  await cluster.settle();
  assert.deepEqual(nodesOf(cluster), ["b"]);
  await label("b", { disk: null });
  await cluster.advance("1m");
  assert.deepEqual(nodesOf(cluster), []);
});

test("taints keep daemons away that do not tolerate them; what runs is only ended by NoExecute", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.apply(daemonSet("log"));
  await cluster.settle();
  const taint = (effect: string) =>
    cluster.client.patch(Node, { name: "b" }, "merge", { spec: { taints: [{ key: "own", value: "x", effect }] } });
  await taint("NoSchedule");
  await cluster.settle();
  assert.deepEqual(nodesOf(cluster), ["a", "b"]);
  const { desiredNumberScheduled, numberMisscheduled } = await status(cluster);
  assert.deepEqual([desiredNumberScheduled, numberMisscheduled], [1, 1]);
  await taint("NoExecute");
  await cluster.advance("1m");
  assert.deepEqual(nodesOf(cluster), ["a"]);
});

test("stays on a node that is cordoned or silent", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.apply(daemonSet("log"));
  await cluster.settle();
  await cluster.client.patch(Node, { name: "a" }, "merge", { spec: { unschedulable: true } });
  cluster.silence("b");
  await cluster.advance("15m");
  assert.deepEqual(nodesOf(cluster), ["a", "b"]);
  assert.ok(cluster.pods("log").every(({ metadata }) => !metadata.deletionTimestamp));
  // A silent node's taint lets no new Pod in, so the one there counts as out of place, as in Kubernetes.
  const { numberReady, numberMisscheduled } = await status(cluster);
  assert.deepEqual([numberReady, numberMisscheduled], [1, 1]);
});

test("follows nodes that come and go during a rolling update that never has more than maxUnavailable down", async (t) => {
  const cluster = await testCluster(t, {
    nodes: ["a", "b", "c", "d"],
    behaviour: { readyDelay: 3000, stopDelay: 2000 },
  });
  const spec = { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2 } } };
  await cluster.apply(daemonSet("log", { spec }));
  await cluster.advance("1m");
  const settledNodes = new Set(["a", "b", "c", "d"]);
  await cluster.apply(daemonSet("log", { image: "example/log:2", spec }));
  let most = 0;
  const sound = () => cluster.pods("log").filter((p) => isReady(p) && !p.metadata.deletionTimestamp);
  /** Lets the update go on until so many Pods are new, and notes how many nodes are without. */
  const until = (count: number) =>
    cluster.until(() => {
      const served = new Set(sound().map((p) => p.spec.nodeName));
      most = Math.max(most, [...settledNodes].filter((node) => !served.has(node)).length);
      return sound().filter((p) => image(p) === "example/log:2").length >= count;
    });
  await until(1);
  await cluster.join("e");
  await until(3);
  cluster.silence("a");
  settledNodes.delete("a");
  await cluster.delete(Node, "a");
  await until(4);
  await cluster.advance("2m");
  assert.deepEqual(nodesOf(cluster), ["b", "c", "d", "e"]);
  assert.ok(sound().length === 4 && sound().every((p) => image(p) === "example/log:2"));
  assert.equal(most, 2);
});

test("with maxSurge, no node is ever without its Pod", async (t) => {
  const nodes = ["a", "b", "c", "d"];
  const cluster = await testCluster(t, { nodes, behaviour: { readyDelay: 3000, stopDelay: 2000 } });
  const spec = { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } };
  await cluster.apply(daemonSet("log", { spec }));
  await cluster.advance("1m");
  await cluster.apply(daemonSet("log", { image: "example/log:2", spec }));
  let most = 0;
  await cluster.until(() => {
    const pods = cluster.pods("log").filter((p) => !p.metadata.deletionTimestamp);
    const served = new Set(pods.filter(isReady).map((p) => p.spec.nodeName));
    assert.equal(served.size, nodes.length);
    most = Math.max(most, pods.length);
    return pods.length === nodes.length && pods.every((p) => image(p) === "example/log:2");
  });
  assert.equal(most, nodes.length + 1);
});

test("an update that fails stops at maxUnavailable, and goes back without touching what was never updated", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b", "c"] });
  await cluster.apply(daemonSet("log"));
  await cluster.settle();
  const before = cluster.pods("log").map(({ metadata }) => metadata.uid);
  const broken = { "simulation.coxswain.dev/image-missing": "true" };
  await cluster.apply(daemonSet("log", { image: "example/log:bad", annotations: broken }));
  await cluster.advance("5m");
  assert.equal(cluster.pods("log").filter(isReady).length, 2);
  await cluster.apply(daemonSet("log"));
  await cluster.advance("1m");
  const after = cluster.pods("log").map(({ metadata }) => metadata.uid);
  assert.equal(after.filter((uid) => before.includes(uid)).length, 2);
  assert.ok(cluster.pods("log").every((p) => isReady(p) && image(p) === "example/web:1"));
});

test("with OnDelete, only a Pod that somebody deletes comes back new", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  const spec = { updateStrategy: { type: "OnDelete" } };
  await cluster.apply(daemonSet("log", { spec }));
  await cluster.settle();
  await cluster.apply(daemonSet("log", { image: "example/log:2", spec }));
  await cluster.settle();
  await cluster.delete(Pod, cluster.pods("log")[0]!.metadata.name!);
  await cluster.advance("1m");
  assert.deepEqual(cluster.pods("log").map(image).sort(), ["example/log:2", "example/web:1"]);
});

test("replaces Pods that have ended, ever more slowly when they fail again", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(daemonSet("log"));
  await cluster.settle();
  const end = async (phase: string) => {
    const [one] = cluster.pods("log");
    await cluster.client.updateStatus(Pod, { ...one!, status: { ...one!.status, phase } });
    await cluster.settle();
    return one!.metadata.uid;
  };
  const uid = () => cluster.pods("log")[0]?.metadata.uid;
  assert.notEqual(await end("Failed"), uid());
  const second = await end("Failed");
  assert.equal(uid(), second);
  await cluster.advance("2s");
  assert.notEqual(uid(), second);
  assert.notEqual(await end("Succeeded"), uid());
  const events = cluster.events("log").join("\n");
  assert.match(events, /FailedDaemonPod DaemonSet\/log: Found failed daemon pod default\/log-\w+ on node a, will try/);
  assert.match(events, /SucceededDaemonPod DaemonSet\/log: Found succeeded daemon pod default\/log-\w+ on node a/);
});

test("keeps revisions to roll back to, and as many as asked for", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const at = (version: number) =>
    daemonSet("log", { image: `example/log:${version}`, spec: { revisionHistoryLimit: 1 } });
  for (const version of [1, 2, 3]) {
    await cluster.apply(at(version));
    await cluster.advance("1m");
  }
  const numbers = async () => (await cluster.list(ControllerRevision)).map(({ revision }) => revision).sort();
  assert.deepEqual(await numbers(), [2, 3]);
  await cluster.apply(at(2));
  await cluster.advance("1m");
  assert.deepEqual(await numbers(), [3, 4]);
});

test("adopts a Pod that matches and is on a node, and gives up the one too many", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(pod("log-alone", { app: "log" }));
  await cluster.settle();
  await cluster.apply(daemonSet("log"));
  await cluster.advance("1m");
  const set = await cluster.get(DaemonSet, "log");
  assert.equal(cluster.pods("log").length, 1);
  assert.equal(cluster.pods("log")[0]?.metadata.ownerReferences?.[0]?.uid, set.metadata.uid);
});
