import assert from "node:assert/strict";
import { test } from "node:test";
import { Node, Pod } from "../api/core/v1/index.ts";
import { normalize } from "../apimachinery/decode.ts";
import { selectorFromSet } from "../apimachinery/selectors.ts";
import { seededRandom } from "../util/random.ts";
import { decide, enoughNodes } from "./cycle.ts";
import { defaultProfile, fakeCluster } from "./fakeCluster.ts";
import { explain } from "./fitError.ts";
import type { Cluster } from "./framework.ts";
import { NodeTable } from "./nodeTable.ts";
import { Nominations } from "./nominations.ts";
import { factsOf } from "./podFacts.ts";

function node(name: string, more: { labels?: object; spec?: object; allocatable?: object } = {}): Node {
  return normalize(Node.schema, {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...more.labels } },
    spec: { ...more.spec },
    status: { allocatable: { cpu: "2", memory: "4Gi", pods: "10", ...more.allocatable } },
  }) as Node;
}

function pod(name: string, spec: object = {}, metadata: object = {}): Pod {
  return normalize(Pod.schema, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", ...metadata },
    spec: { containers: [{ name: "main", image: "app" }], ...spec },
  }) as Pod;
}

const asking = (cpu: string) => ({ containers: [{ name: "main", image: "app", resources: { requests: { cpu } } }] });

function tableOf(...nodes: Node[]): NodeTable {
  const table = new NodeTable();
  for (const each of nodes) table.setNode(each);
  return table;
}

function place(table: NodeTable, each: Pod, nodeName: string): void {
  table.placePod(each, nodeName);
}

/** What the default profile decides, told as a node or as what is said of the failure. */
function decideFor(table: NodeTable, each: Pod, more: Partial<Cluster> = {}) {
  const decision = decide({
    pod: factsOf(each),
    cluster: fakeCluster(table, more),
    profile: defaultProfile(),
    nominations: new Nominations(),
    random: seededRandom(1),
    start: 0,
  });
  if ("nodeName" in decision) return { nodeName: decision.nodeName };
  return { unschedulable: "unfit" in decision ? explain(decision.unfit) : "no nodes available to schedule pods" };
}

test("says so when there is no node at all", () => {
  assert.deepEqual(decideFor(tableOf(), pod("a")), { unschedulable: "no nodes available to schedule pods" });
});

test("takes the emptier of two nodes", () => {
  const table = tableOf(node("full"), node("empty"));
  place(table, pod("old", asking("1500m")), "full");
  assert.deepEqual(decideFor(table, pod("new", asking("100m"))), { nodeName: "empty" });
});

test("counts why each node was refused", () => {
  const table = tableOf(
    node("small", { allocatable: { cpu: "100m" } }),
    node("tainted", { spec: { taints: [{ key: "dedicated", value: "db", effect: "NoSchedule" }] } }),
    node("cordoned", { spec: { unschedulable: true } }),
  );
  assert.deepEqual(decideFor(table, pod("a", asking("1"))), {
    unschedulable:
      "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s), " +
      "1 node(s) were unschedulable.",
  });
});

test("fills a node to its last millicore and not beyond", () => {
  const table = tableOf(node("only", { allocatable: { cpu: "1" } }));
  place(table, pod("first", asking("999m")), "only");
  assert.deepEqual(decideFor(table, pod("fits", asking("1m"))), { nodeName: "only" });
  assert.match(JSON.stringify(decideFor(table, pod("over", asking("2m")))), /Insufficient cpu/);
});

test("a Pod that is gone gives its place back", () => {
  const table = tableOf(node("only", { allocatable: { pods: "1" } }));
  place(table, pod("first"), "only");
  assert.match(JSON.stringify(decideFor(table, pod("second"))), /Too many pods/);
  table.removePod("default/first");
  assert.deepEqual(decideFor(table, pod("second")), { nodeName: "only" });
});

test("Pods placed before their node was known count once it is", () => {
  const table = new NodeTable();
  place(table, pod("early", asking("2")), "late");
  table.setNode(node("late"));
  assert.match(JSON.stringify(decideFor(table, pod("next", asking("1m")))), /Insufficient cpu/);
});

test("the node selector and required affinity decide, the preferred affinity ranks", () => {
  const table = tableOf(
    node("plain"),
    node("ssd", { labels: { disk: "ssd" } }),
    node("ssd-eu", { labels: { disk: "ssd", zone: "eu" } }),
  );
  const preferred = {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 50, preference: { matchExpressions: [{ key: "zone", operator: "In", values: ["eu"] }] } },
      ],
    },
  };
  assert.deepEqual(decideFor(table, pod("a", { nodeSelector: { disk: "ssd" }, affinity: preferred })), {
    nodeName: "ssd-eu",
  });
  assert.match(
    JSON.stringify(decideFor(table, pod("b", { nodeSelector: { disk: "tape" } }))),
    /3 node\(s\) didn't match Pod's node affinity\/selector/,
  );
});

test("a toleration opens a tainted node", () => {
  const table = tableOf(node("t", { spec: { taints: [{ key: "k", value: "v", effect: "NoExecute" }] } }));
  assert.match(JSON.stringify(decideFor(table, pod("a"))), /untolerated taint/);
  const tolerations = [{ key: "k", operator: "Equal", value: "v", effect: "NoExecute" }];
  assert.deepEqual(decideFor(table, pod("b", { tolerations })), { nodeName: "t" });
});

test("a host port is given once per node and address", () => {
  const web = (name: string, hostIP?: string) =>
    pod(name, { containers: [{ name: "m", image: "i", ports: [{ containerPort: 80, hostPort: 80, hostIP }] }] });
  const table = tableOf(node("only"));
  place(table, web("local", "127.0.0.1"), "only");
  assert.deepEqual(decideFor(table, web("other", "127.0.0.2")), { nodeName: "only" });
  assert.match(JSON.stringify(decideFor(table, web("all"))), /didn't have free ports/);
});

test("replicas of one owner are spread", () => {
  const owned = (name: string) => pod(name, {}, { labels: { app: "r" } });
  const table = tableOf(node("a"), node("b"), node("c"));
  const used = new Set<string>();
  for (const name of ["1", "2", "3"]) {
    const decision = decideFor(table, owned(name), { siblings: () => selectorFromSet({ app: "r" }) });
    assert.ok("nodeName" in decision);
    used.add(decision.nodeName!);
    place(table, owned(name), decision.nodeName!);
  }
  assert.equal(used.size, 3);
});

test("an init container that needs more than all containers together decides the request", () => {
  const demand = factsOf(
    pod("a", { ...asking("100m"), initContainers: [{ name: "i", image: "x", resources: { requests: { cpu: "1" } } }] }),
  );
  assert.equal(demand.requests.get("cpu"), 1000);
});

test("a sidecar counts beside the containers, and beside the init containers after it", () => {
  const container = (name: string, cpu: string, restartPolicy?: string) => ({
    name,
    image: "x",
    restartPolicy,
    resources: { requests: { cpu } },
  });
  const demand = factsOf(
    pod("a", { ...asking("100m"), initContainers: [container("side", "200m", "Always"), container("init", "500m")] }),
  );
  assert.equal(demand.requests.get("cpu"), 700);
});

test("only a falling share of a large cluster is looked at", () => {
  assert.deepEqual(
    [50, 100, 1000, 5000, 20_000].map((nodes) => enoughNodes(nodes)),
    [50, 100, 420, 500, 1000],
  );
});
