import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { parse } from "yaml";
import { Deployment } from "../../api/apps/v1/index.ts";
import { ConfigMap, Node, type Pod } from "../../api/core/v1/index.ts";
import { PodDisruptionBudget } from "../../api/policy/v1/index.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { createInformers } from "../../client/index.ts";
import { autoscalerAddons } from "../../cluster/autoscalerAddons.ts";
import { Rehearsal } from "../../scheduler/index.ts";
import { type Cluster, daemonSet, deployment, isReady, pod, testCluster } from "../../testing/index.ts";
import { silentLogger } from "../../util/logger.ts";
import { seededRandom } from "../../util/random.ts";
import type { NodeGroup, NodeGroups } from "../provider.ts";
import { type ClusterAutoscalerOptions, runClusterAutoscaler } from "./index.ts";

/** A cloud with one group, whose machines take a while to become nodes of the simulation. */
class PretendGroups implements NodeGroups {
  readonly asked: number[] = [];
  readonly returned: string[] = [];
  members: string[] = [];
  refuses = false;
  /** machines come, but never become nodes */
  stillborn = false;
  readonly #cluster: Cluster;
  readonly #group: Omit<NodeGroup, "members" | "template">;
  readonly #taints: Node["spec"]["taints"];
  #count = 0;

  constructor(cluster: Cluster, group: Partial<NodeGroup> = {}, taints: Node["spec"]["taints"] = undefined) {
    this.#cluster = cluster;
    this.#group = { id: "small", min: 0, max: 3, ...group };
    this.#taints = taints;
  }

  async list(): Promise<NodeGroup[]> {
    const labels = { "kubernetes.io/os": "linux", group: this.#group.id };
    const spec = { ...(this.#taints ? { taints: this.#taints } : {}) };
    const allocatable = { cpu: "4", memory: "16Gi", pods: "110" };
    const template = { apiVersion: "v1", kind: "Node", metadata: { labels }, spec, status: { allocatable } };
    return [{ ...this.#group, template: template as unknown as Node, members: [...this.members] }];
  }
  async grow(_group: string, by: number): Promise<void> {
    this.asked.push(by);
    if (this.refuses) throw new Error("out of machines");
    for (let i = 0; i < by; i++) this.#boot(`${this.#group.id}-${++this.#count}`);
  }
  #boot(name: string): void {
    this.members.push(name);
    this.#cluster.clock.setTimer(45_000, () => {
      if (this.members.includes(name) && !this.stillborn)
        void this.#cluster.join({ name, labels: { group: this.#group.id }, taints: this.#taints });
    });
  }
  async giveBack(_group: string, node: string): Promise<void> {
    this.returned.push(node);
    this.members = this.members.filter((it) => it !== node);
    await this.#cluster.delete(Node, node).catch((error: unknown) => {
      if (!isNotFound(error)) throw error; // it never registered
    });
  }
}

async function scaled(
  t: TestContext,
  {
    group,
    taints,
    nodes = ["first"],
    ...more
  }: {
    group?: Partial<NodeGroup>;
    taints?: Node["spec"]["taints"];
    nodes?: string[];
  } & Partial<ClusterAutoscalerOptions> = {},
) {
  const cluster = await testCluster(t, { nodes });
  const groups = new PretendGroups(cluster, group, taints);
  await cluster.apply(...(autoscalerAddons() as [KubernetesObject]));
  const { clock } = cluster;
  const client = cluster.as(ACCOUNT);
  const stop = new AbortController();
  const common = { client, clock, random: seededRandom(3), logger: silentLogger };
  const informers = createInformers(client, common);
  const runtime = { ...common, informers };
  const stage = { rehearsal: new Rehearsal(runtime), reads: Rehearsal.reads };
  const running = Promise.all([
    runClusterAutoscaler({ ...runtime, ...stage, nodeGroups: groups, ...more }, stop.signal),
    informers.run(stop.signal),
  ]);
  t.after(async () => {
    stop.abort();
    await running;
  });
  return { cluster, groups };
}

/** With the rights of its account, and no more. */
const ACCOUNT = {
  name: "system:serviceaccount:kube-system:cluster-autoscaler",
  groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system"],
};

/** A Deployment whose Pods ask for so much CPU each. */
function asking(name: string, replicas: number, cpu: string, spec: Record<string, unknown> = {}, metadata = {}) {
  const labels = { app: name };
  const container = { name: "main", image: "example/web:1", resources: { requests: { cpu } } };
  const template = { metadata: { labels, ...metadata }, spec: { containers: [container], ...spec } };
  return deployment(name, { replicas, spec: { template } as never });
}
const ready = (cluster: Cluster, name: string) => cluster.pods(name).filter(isReady).length;
const nodesOf = (pods: readonly Pod[]) => new Set(pods.map(({ spec }) => spec.nodeName));

test("as many nodes are asked for, once, as the waiting Pods fill", async (t) => {
  const { cluster, groups } = await scaled(t);
  await cluster.apply(asking("web", 7, "1500m"));
  await cluster.advance("30s");
  assert.deepEqual(groups.asked, [3], "two on the first node, two on each new one");
  await cluster.advance("30s");
  assert.equal(ready(cluster, "web"), 7);
  assert.deepEqual(groups.asked, [3]);
  assert.match(
    cluster.events().join("\n"),
    /TriggeredScaleUp Pod\/web-\S+: pod triggered scale-up: \[{small 0->3 \(max: 3\)}\]/,
  );
});

test("a group grows no further than its maximum, and Pods are told so", async (t) => {
  const { cluster, groups } = await scaled(t, { group: { max: 1 } });
  await cluster.apply(asking("web", 6, "1500m"));
  await cluster.advance("2m");
  assert.deepEqual(groups.asked, [1]);
  assert.equal(ready(cluster, "web"), 4);
  const told = /NotTriggerScaleUp Pod\/web-\S+: pod didn't trigger scale-up: 1 max node group size reached/g;
  assert.equal(cluster.events().join("\n").match(told)?.length, 2, "once to each Pod that waits");
});

test("no node is asked for that would not take the Pod", async (t) => {
  const { cluster, groups } = await scaled(t, { taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" }] });
  await cluster.apply(daemonSet("agent"));
  await cluster.apply(asking("huge", 1, "5", { tolerations: [{ operator: "Exists" }] }), asking("plain", 1, "4500m"));
  const tolerations = [{ operator: "Exists" }];
  await cluster.apply(asking("elsewhere", 1, "1", { tolerations, nodeSelector: { group: "large" } }));
  await cluster.advance("1m");
  assert.deepEqual(groups.asked, []);
  const events = cluster.events().join("\n");
  assert.match(events, /Pod\/huge-\S+: pod didn't trigger scale-up: 1 Insufficient cpu/);
  assert.match(events, /Pod\/plain-\S+: pod didn't trigger scale-up: 1 node\(s\) had untolerated taint\(s\)/);
  assert.match(events, /Pod\/elsewhere-\S+: pod didn't trigger scale-up: 1 node\(s\) didn't match Pod's node affinity/);
  await cluster.apply(
    asking("tolerant", 1, "3900m", { tolerations: [{ operator: "Exists" }], nodeSelector: { group: "small" } }),
  );
  await cluster.advance("1m");
  assert.deepEqual(groups.asked, [1]);
});

test("Pods that keep apart get a node each", async (t) => {
  const { cluster, groups } = await scaled(t);
  const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "apart" } } };
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  await cluster.apply(asking("apart", 3, "100m", { affinity }));
  await cluster.advance("90s");
  assert.deepEqual(groups.asked, [2]);
  assert.equal(nodesOf(cluster.pods("apart")).size, 3);
});

test("a cloud that refuses is left alone for a while", async (t) => {
  const { cluster, groups } = await scaled(t);
  groups.refuses = true;
  await cluster.apply(asking("web", 3, "3"));
  await cluster.advance("2m");
  assert.deepEqual(groups.asked, [2]);
  assert.match(cluster.events().join("\n"), /1 in backoff after failed scale-up/);
  await cluster.advance("10m");
  assert.deepEqual(groups.asked, [2, 2], "once more after five minutes, the next time after ten");
  groups.refuses = false;
  await cluster.advance("5m");
  assert.deepEqual(groups.asked, [2, 2, 2]);
  assert.equal(ready(cluster, "web"), 3);
});

test("idle nodes go after their time, drained; others and the minimum stay", async (t) => {
  const { cluster, groups } = await scaled(t, { group: { min: 1 } });
  await cluster.apply(asking("web", 4, "3"));
  await cluster.advance("2m");
  assert.equal(groups.members.length, 3);
  await cluster.apply(asking("web", 1, "3"));
  await cluster.advance("9m");
  assert.deepEqual(groups.returned, []);
  await cluster.advance("4m");
  assert.equal(groups.members.length, 1);
  assert.equal(ready(cluster, "web"), 1);
  assert.match(
    cluster.events(groups.returned[0]).join("\n"),
    /ScaleDown .*marked the node[\s\S]*ScaleDown .*node removed/,
  );
});

test("idle nodes say that they may go, and no longer when they are needed", async (t) => {
  const { cluster } = await scaled(t);
  const marked = async () =>
    (await cluster.list(Node)).filter(({ spec }) =>
      spec.taints?.some((it) => it.key === "DeletionCandidateOfClusterAutoscaler" && it.effect === "PreferNoSchedule"),
    ).length;
  await cluster.apply(asking("web", 4, "3"));
  await cluster.advance("2m");
  assert.equal(await marked(), 0);
  await cluster.apply(asking("web", 1, "3"));
  await cluster.advance("15s");
  assert.ok((await marked()) >= 2);
  await cluster.apply(asking("web", 4, "3"));
  await cluster.advance("15s");
  assert.equal(await marked(), 0);
});

test("Pods move where there is room, as their budget allows", async (t) => {
  const { cluster, groups } = await scaled(t);
  await cluster.apply(asking("big", 1, "3500m"), asking("web", 3, "1", {}, { annotations: {} }));
  await cluster.advance("2m");
  assert.equal(groups.members.length, 1);
  const budget = { minAvailable: 2, selector: { matchLabels: { app: "web" } } };
  await cluster.create({
    apiVersion: PodDisruptionBudget.apiVersion,
    kind: PodDisruptionBudget.kind,
    metadata: { name: "web", namespace: "default" },
    spec: budget,
  } as unknown as PodDisruptionBudget);
  await cluster.delete(Deployment, "big");
  await cluster.apply(asking("web", 3, "500m"));
  let fewest = 3;
  await cluster.until(() => {
    fewest = Math.min(fewest, ready(cluster, "web"));
    return groups.returned.length === 1;
  }, "30m");
  await cluster.advance("10s");
  assert.ok(fewest >= 2, `${fewest} were ready`);
  assert.equal(ready(cluster, "web"), 3);
  assert.deepEqual([...nodesOf(cluster.pods("web"))].length, 1);
});

/** The Pod is put on a node of the group, and only the rules can keep it from moving to the first one afterwards. */
async function onGroup(cluster: Cluster, ...objects: Parameters<Cluster["apply"]>) {
  await cluster.apply(asking("hog", 1, "3950m"));
  await cluster.advance("15s");
  await cluster.apply(...objects);
  await cluster.advance("2m");
  await cluster.delete(Deployment, "hog");
  await cluster.advance("40m");
}

for (const [what, spec, annotations, returned] of [
  ["can move does not hold", {}, {}, ["small-1"]],
  ["is not safe to evict holds", {}, { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" }, []],
  ["has local storage holds", { volumes: [{ name: "data", emptyDir: {} }] }, {}, []],
  ["wants the group's nodes holds", { nodeSelector: { group: "small" } }, {}, []],
] as const) {
  test(`a Pod that ${what} its node`, async (t) => {
    const { cluster, groups } = await scaled(t);
    await onGroup(cluster, asking("keeper", 1, "100m", spec, { annotations }));
    assert.equal(ready(cluster, "keeper"), 1);
    assert.deepEqual(groups.returned, returned);
  });
}

function smallPod(): Pod {
  const alone = pod("alone");
  const [main] = alone.spec.containers;
  const containers = [{ ...main!, resources: { requests: { cpu: "100m" } } }];
  return { ...alone, spec: { ...alone.spec, containers } };
}

test("a node that is to go stays when a Pod came that may not move", async (t) => {
  const { cluster, groups } = await scaled(t);
  await onGroup(cluster, smallPod());
  const taint = { key: "ToBeDeletedByClusterAutoscaler", value: "1", effect: "NoSchedule" };
  await cluster.edit(Node, "small-1", ({ spec }) => {
    spec.taints = [taint];
  });
  await cluster.advance("15s");
  assert.deepEqual((await cluster.get(Node, "small-1")).spec.taints ?? [], []);
  assert.match(cluster.events("small-1").join("\n"), /ScaleDownFailed/);
  assert.equal(ready(cluster, "alone"), 1);
  assert.deepEqual(groups.returned, []);
});

test("a Pod without a controller holds its node", async (t) => {
  const { cluster, groups } = await scaled(t);
  await onGroup(cluster, smallPod());
  assert.equal(ready(cluster, "alone"), 1);
  assert.deepEqual(groups.returned, []);
});

test("a machine that becomes no node in time is given back, and another asked for", async (t) => {
  const { cluster, groups } = await scaled(t, { provisionTime: 30_000 });
  await cluster.apply(asking("web", 2, "3"));
  await cluster.advance("75s");
  assert.deepEqual(groups.returned, ["small-1"]);
  assert.deepEqual(groups.asked, [1]);
  await cluster.advance("5m");
  assert.deepEqual(groups.asked, [1, 1], "after a while");
  const told = cluster.events("cluster-autoscaler-status").join("\n");
  assert.match(told, /ScaleUpTimedOut .*: Nodes added to group small failed to register within 30s/);
  assert.match(told, /DeleteUnregistered .*: Removed unregistered node small-1/);
});

test("a node that fell silent is replaced at once, and given back after its time", async (t) => {
  const { cluster, groups } = await scaled(t);
  await cluster.apply(asking("web", 2, "3"));
  await cluster.advance("90s");
  assert.deepEqual(groups.members, ["small-1"]);
  await cluster.advance("15m");
  cluster.silence("small-1");
  await cluster.advance("10m");
  assert.equal(ready(cluster, "web"), 2);
  assert.deepEqual(groups.members, ["small-1", "small-2"]);
  assert.match(await statusText(cluster), /unready:\n +total: 1/);
  await cluster.advance("25m");
  assert.deepEqual(groups.returned, ["small-1"]);
  assert.equal(ready(cluster, "web"), 2);
});

test("a cluster of which too much is silent is left alone", async (t) => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const { cluster, groups } = await scaled(t, { nodes: ["first", ...names] });
  await cluster.advance("20m");
  for (const name of names.slice(0, 4)) cluster.silence(name);
  await cluster.advance("2m");
  await cluster.apply(asking("huge", 9, "3500m"));
  await cluster.advance("10m");
  assert.deepEqual(groups.asked, []);
  assert.match(await statusText(cluster), /health:\n +status: Unhealthy/);
  assert.match(cluster.events("cluster-autoscaler-status").join("\n"), /ClusterUnhealthy ConfigMap/);
});

async function statusText(cluster: Cluster): Promise<string> {
  return (await cluster.get(ConfigMap, "cluster-autoscaler-status", "kube-system")).data?.status ?? "";
}
interface Told {
  autoscalerStatus: string;
  clusterWide: { health: { status: string; nodeCounts: object }; scaleUp: { status: string } };
  nodeGroups: {
    name: string;
    health: { cloudProviderTarget: number; minSize: number; maxSize: number; nodeCounts: object };
    scaleUp: { status: string; backoffInfo?: object; lastTransitionTime: string; lastProbeTime: string };
    scaleDown: { status: string; candidates?: number };
  }[];
}
const statusOf = async (cluster: Cluster) => parse(await statusText(cluster)) as Told;

test("the status tells how the cluster and each group are", async (t) => {
  const { cluster, groups } = await scaled(t);
  await cluster.apply(asking("web", 2, "3"));
  await cluster.advance("35s");
  const growing = await statusOf(cluster);
  assert.equal(growing.autoscalerStatus, "Running");
  assert.deepEqual(growing.clusterWide.health.nodeCounts, {
    registered: { total: 1, ready: 1, notStarted: 0 },
    longUnregistered: 0,
    unregistered: 1,
  });
  const [group] = growing.nodeGroups;
  const { cloudProviderTarget, minSize, maxSize } = group!.health;
  assert.deepEqual([group?.name, cloudProviderTarget, minSize, maxSize], ["small", 1, 0, 3]);
  assert.equal(group?.scaleUp.status, "InProgress");
  assert.match(await statusText(cluster), /lastProbeTime: "2030-01-01T00:00:\d\dZ"/);
  await cluster.advance("1m");
  await cluster.apply(asking("web", 1, "3"));
  await cluster.advance("2m");
  const idle = await statusOf(cluster);
  assert.deepEqual(
    [
      idle.nodeGroups[0]?.scaleUp.status,
      idle.nodeGroups[0]?.scaleDown.status,
      idle.nodeGroups[0]?.scaleDown.candidates,
    ],
    ["NoActivity", "CandidatesPresent", 1],
  );
  assert.ok(idle.nodeGroups[0]!.scaleUp.lastTransitionTime < idle.nodeGroups[0]!.scaleUp.lastProbeTime);
  groups.refuses = true;
  await cluster.apply(asking("more", 4, "3"));
  await cluster.advance("30s");
  const refused = await statusOf(cluster);
  assert.equal(refused.nodeGroups[0]?.scaleUp.status, "Backoff");
  assert.deepEqual(refused.nodeGroups[0]?.scaleUp.backoffInfo, {
    errorCode: "cloudProviderError",
    errorMessage: "out of machines",
  });
  const told = cluster.events("cluster-autoscaler-status").join("\n");
  assert.match(told, /ScaledUpGroup .*: Scale-up: group small size set to 1 instead of 0 \(max: 3\)/);
  assert.match(told, /FailedToScaleUpGroup .*: Scale-up failed for group small: out of machines/);
});

test("a group that is too small grows to its minimum", async (t) => {
  const { groups, cluster } = await scaled(t, { group: { min: 2 } });
  await cluster.advance("30m");
  assert.deepEqual(groups.asked, [2]);
  assert.deepEqual(groups.returned, []);
});
