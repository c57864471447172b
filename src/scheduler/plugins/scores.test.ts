/** Scores of single plug-ins, by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Node, Pod } from "../../api/core/v1/index.ts";
import { normalize } from "../../apimachinery/decode.ts";
import { selectorFromSet } from "../../apimachinery/selectors.ts";
import { fakeCluster } from "../fakeCluster.ts";
import type { Cluster, Plugin } from "../framework.ts";
import { NodeTable } from "../nodeTable.ts";
import { factsOf } from "../podFacts.ts";
import { balancedAllocation } from "./balancedAllocation.ts";
import { imageLocality } from "./imageLocality.ts";
import { interPodAffinity } from "./interPodAffinity.ts";
import { nodeAffinity } from "./nodeAffinity.ts";
import { nodeResourcesFit } from "./nodeResourcesFit.ts";
import { podTopologySpread } from "./podTopologySpread.ts";
import { taintToleration } from "./taintToleration.ts";

const MB = 1024 * 1024;

function node(
  name: string,
  allocatable: object,
  more: { spec?: object; labels?: object; images?: object[] } = {},
): Node {
  const labels = { "kubernetes.io/hostname": name, ...more.labels };
  const status = { allocatable: { pods: "10", ...allocatable }, images: more.images };
  const object = { apiVersion: "v1", kind: "Node", metadata: { name, labels }, spec: { ...more.spec }, status };
  return normalize(Node.schema, object) as Node;
}

function pod(name: string, requests: object = {}, spec: object = {}, labels: object = {}): Pod {
  const containers = [{ name: "c", image: "app:1", resources: { requests } }];
  const metadata = { name, namespace: "default", labels };
  return normalize(Pod.schema, { apiVersion: "v1", kind: "Pod", metadata, spec: { containers, ...spec } }) as Pod;
}

function tableOf(...nodes: Node[]): NodeTable {
  const table = new NodeTable();
  for (const each of nodes) table.setNode(each);
  return table;
}

/** What each node gets, in the table's order; undefined: the plug-in has nothing to say. */
function scores(plugin: Plugin, each: Pod, table: NodeTable, more: Partial<Cluster> = {}): number[] | undefined {
  const step = plugin.score!(factsOf(each), fakeCluster(table, more));
  if (!step) return undefined;
  const slots = Int32Array.from({ length: table.slots }, (_, i) => i);
  const out = new Float64Array(slots.length);
  step(slots, out);
  return [...out];
}

/** cpu 3000m of 4000m and of 6000m, memory 5000 of 10000 on both */
const sized = () => tableOf(node("one", { cpu: "4", memory: "10000" }), node("two", { cpu: "6", memory: "10000" }));
const asking = pod("p", { cpu: "3", memory: "5000" });

test("least allocated: the mean of the free shares; most allocated: of the used ones", () => {
  assert.deepEqual(scores(nodeResourcesFit({}), asking, sized()), [37, 50]);
  const most = { scoringStrategy: { type: "MostAllocated" as const } };
  assert.deepEqual(scores(nodeResourcesFit(most), asking, sized()), [62, 50]);
});

test("weights of resources count, and what a Pod does not ask for of vendors' does not", () => {
  const resources = [
    { name: "cpu", weight: 3 },
    { name: "memory", weight: 1 },
    { name: "example.com/gpu", weight: 5 },
  ];
  const strategy = { scoringStrategy: { type: "LeastAllocated" as const, resources } };
  assert.deepEqual(scores(nodeResourcesFit(strategy), asking, sized()), [31, 50]);
});

test("a ratio's shape is a broken line", () => {
  const shape = [
    { utilization: 0, score: 0 },
    { utilization: 50, score: 10 },
    { utilization: 100, score: 0 },
  ];
  const strategy = {
    scoringStrategy: { type: "RequestedToCapacityRatio" as const, requestedToCapacityRatio: { shape } },
  };
  assert.deepEqual(scores(nodeResourcesFit(strategy), asking, sized()), [75, 100]);
});

test("balance: equal shares are best, and nothing is asked of Pods that ask for nothing", () => {
  assert.deepEqual(scores(balancedAllocation({}), asking, sized()), [87, 100]);
  assert.equal(scores(balancedAllocation({}), pod("idle"), sized()), undefined);
});

test("taints that only ask to go elsewhere: the fewest is best", () => {
  const taint = (key: string) => ({ key, effect: "PreferNoSchedule" });
  const table = tableOf(
    node("none", {}),
    node("one", {}, { spec: { taints: [taint("a")] } }),
    node("two", {}, { spec: { taints: [taint("a"), taint("b")] } }),
  );
  assert.deepEqual(scores(taintToleration, pod("p"), table), [100, 50, 0]);
});

test("preferred labels: the weights' sum, of the best one's", () => {
  const table = tableOf(
    node("plain", {}),
    node("ssd", {}, { labels: { disk: "ssd" } }),
    node("both", {}, { labels: { disk: "ssd", zone: "x" } }),
  );
  const term = (weight: number, key: string) => ({
    weight,
    preference: { matchExpressions: [{ key, operator: "Exists" }] },
  });
  const affinity = {
    nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [term(30, "disk"), term(10, "zone")] },
  };
  assert.deepEqual(scores(nodeAffinity({}), pod("p", {}, { affinity }), table), [0, 75, 100]);
});

test("images that are there count by size, and by how many nodes have them", () => {
  const images = [{ names: ["app:1"], sizeBytes: 600 * MB }];
  const table = tableOf(
    node("with", {}, { images }),
    node("also", {}, { images }),
    node("without", {}),
    node("nor", {}),
  );
  // half of 600 MB, between 23 MB and 1,000 MB
  assert.deepEqual(scores(imageLocality, pod("p"), table), [28, 28, 0, 0]);
});

test("siblings are spread over nodes by default: the fewest is best", () => {
  const table = tableOf(node("a", {}), node("b", {}), node("c", {}));
  const labels = { app: "x" };
  for (const [name, on] of [
    ["1", "a"],
    ["2", "a"],
    ["3", "b"],
  ] as const) {
    table.placePod(pod(name, {}, {}, labels), on);
  }
  const spread = scores(podTopologySpread({}), pod("p", {}, {}, labels), table, {
    siblings: () => selectorFromSet(labels),
  });
  // with log(3 + 2) for each Pod and 2 for the skew that is allowed: 5, 4 and 2
  assert.deepEqual(spread, [40, 60, 100]);
});

test("wishes about other Pods: the best place gets all, the worst nothing", () => {
  const zone = (name: string) => ({ labels: { zone: name } });
  const table = tableOf(node("a", {}, zone("x")), node("b", {}, zone("y")), node("c", {}, zone("z")));
  const term = (weight: number, app: string) => ({
    weight,
    podAffinityTerm: { topologyKey: "zone", labelSelector: { matchLabels: { app } } },
  });
  table.placePod(pod("db", {}, {}, { app: "db" }), "a");
  table.placePod(pod("noisy", {}, {}, { app: "noisy" }), "b");
  const affinity = {
    podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [term(60, "db")] },
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [term(20, "noisy")] },
  };
  assert.deepEqual(scores(interPodAffinity({}), pod("p", {}, { affinity }), table), [100, 0, 25]);
});

test("a placed Pod's requirement speaks for its place, too", () => {
  const table = tableOf(node("a", {}), node("b", {}));
  const near = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } };
  const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } };
  table.placePod(pod("needy", {}, { affinity }), "b");
  const web = pod("web", {}, {}, { app: "web" });
  assert.deepEqual(scores(interPodAffinity({}), web, table), [0, 100]);
  assert.equal(scores(interPodAffinity({ hardPodAffinityWeight: 0 }), web, table), undefined);
});
