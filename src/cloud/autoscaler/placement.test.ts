/** What the scheduler's filters say decides which group grows: plans for clusters that stand still. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { DaemonSet } from "../../api/apps/v1/index.ts";
import { type Node, PersistentVolume, PersistentVolumeClaim, type Pod } from "../../api/core/v1/index.ts";
import { CSINode, StorageClass } from "../../api/storage/v1/index.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { Rehearsal } from "../../scheduler/index.ts";
import { pod, testCluster } from "../../testing/index.ts";
import { seededRandom } from "../../util/random.ts";
import type { NodeGroup } from "../provider.ts";
import { type AutoscalerOptions, DEFAULTS } from "./options.ts";
import { planScaleDown } from "./scaleDown.ts";
import { planScaleUp } from "./scaleUp.ts";
import { setStage } from "./stage.ts";
import { NOTHING, type Seen } from "./state.ts";

const ZONE = "topology.kubernetes.io/zone";
const HOSTNAME = "kubernetes.io/hostname";

function node(name: string, zone: string, annotations = {}): Node {
  const amounts = { cpu: "4", memory: "16Gi", pods: "110" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations,
      labels: { [ZONE]: zone, [HOSTNAME]: name },
      creationTimestamp: "2029-12-31T00:00:00Z",
    },
    spec: {},
    status: { allocatable: amounts, capacity: amounts, conditions: [{ type: "Ready", status: "True" }] },
  } as unknown as Node;
}
const group = (zone: string, members: string[] = [], more: Partial<NodeGroup> = {}): NodeGroup => ({
  id: `in-${zone}`,
  min: 0,
  max: 9,
  template: node("template", zone),
  members,
  ...more,
});

interface PodOptions {
  on?: string;
  cpu?: string;
  claim?: string;
  labels?: Record<string, string>;
  more?: Partial<Pod["spec"]>;
}
/** A Pod of a ReplicaSet; one without a node is one that the scheduler has refused. */
function replica(name: string, { on, cpu = "1", claim, labels = { app: "web" }, more = {} }: PodOptions = {}): Pod {
  const base = pod(name);
  const [main] = base.spec.containers;
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: `of-${name}`, controller: true };
  const volumes = claim ? [{ name: "data", persistentVolumeClaim: { claimName: claim } }] : [];
  const refused = { type: "PodScheduled", status: "False", reason: "Unschedulable" };
  return {
    ...base,
    metadata: { ...base.metadata, namespace: "default", labels, ownerReferences: [owner], uid: name },
    spec: {
      ...base.spec,
      containers: [{ ...main!, resources: { requests: { cpu } } }],
      volumes,
      ...(on ? { nodeName: on } : {}),
      ...more,
    },
    status: on ? { phase: "Running" } : { phase: "Pending", conditions: [refused] },
  } as unknown as Pod;
}

/** A stage in a cluster that has these objects besides nodes and Pods. */
async function staged(t: TestContext, ...objects: KubernetesObject[]) {
  const cluster = await testCluster(t, { controllers: [], scheduler: false });
  for (const kind of Rehearsal.reads) cluster.informers.informer(kind);
  for (const object of objects) await cluster.create(object);
  await cluster.settle();
  const rehearsal = new Rehearsal(cluster);
  return (scene: Partial<Seen>, options: Partial<AutoscalerOptions> = {}) => {
    const seen: Seen = {
      now: cluster.clock.now(),
      groups: [],
      nodes: [],
      pods: [],
      daemonSets: [],
      budgets: [],
      ...scene,
    };
    const all = { ...DEFAULTS, delayAfterAdd: 0, unneededTime: 0, random: seededRandom(1), ...options };
    setStage(seen, rehearsal);
    const up = planScaleUp(seen, NOTHING, all, rehearsal);
    const down = planScaleDown(seen, NOTHING, all, rehearsal);
    rehearsal.rollBack(0);
    return {
      growth: up.growth && [up.growth.group.id, up.growth.by, up.growth.pods.length],
      told: up.helpless.map(({ message }) => message.replace("pod didn't trigger scale-up: ", "")),
      unneeded: [...down.unneeded.keys()],
    };
  };
}

const spread = (topologyKey: string): Partial<Pod["spec"]> => ({
  topologySpreadConstraints: [
    { topologyKey, maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { app: "web" } } },
  ],
});

test("Pods that are spread over zones get a node in the zone that lacks one", async (t) => {
  const plan = await staged(t);
  const nodes = [node("one", "a"), node("two", "b")];
  const pods = [
    replica("x", { on: "one", cpu: "3" }),
    replica("hog", { on: "two", cpu: "3", labels: {} }),
    replica("y", { cpu: "3", more: spread(ZONE) }),
  ];
  const groups = [group("a"), group("b")];
  assert.deepEqual(plan({ nodes, pods, groups }).growth, ["in-b", 1, 1]);
  const { growth, told } = plan({ nodes, pods, groups: [group("a")] });
  assert.equal(growth, undefined);
  assert.deepEqual(told, ["1 node(s) didn't match pod topology spread constraints"]);
});

test("Pods that are spread over nodes get one each, as far as the skew asks", async (t) => {
  const plan = await staged(t);
  const pods = ["x", "y", "z"].map((name) => replica(name, { cpu: "100m", more: spread(HOSTNAME) }));
  assert.deepEqual(plan({ pods, groups: [group("a")] }).growth, ["in-a", 1, 3], "alone there is no other place");
  const there = replica("there", { on: "one", cpu: "3950m" });
  const scene = { nodes: [node("one", "a")], pods: [there, ...pods], groups: [group("a")] };
  assert.deepEqual(plan(scene).growth, ["in-a", 2, 3]);
});

test("a Pod that must be near another gets a node where that one is", async (t) => {
  const plan = await staged(t);
  const term = { topologyKey: ZONE, labelSelector: { matchLabels: { app: "database" } } };
  const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const pods = [
    replica("db", { on: "two", cpu: "3", labels: { app: "database" } }),
    replica("near", { cpu: "2", more: { affinity } }),
  ];
  const nodes = [node("one", "a"), node("two", "b")];
  assert.deepEqual(plan({ nodes, pods, groups: [group("a"), group("b")] }).growth, ["in-b", 1, 1]);
  assert.deepEqual(plan({ nodes, pods, groups: [group("a")] }).told, ["1 node(s) didn't match pod affinity rules"]);
});

const nodeAffinity = (zone: string) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: "In", values: [zone] }] }] },
});
function boundClaim(name: string, zone: string, driver = "disk.example.com"): KubernetesObject[] {
  const resources = { requests: { storage: "1Gi" } };
  const annotations = { "pv.kubernetes.io/bind-completed": "yes" };
  const claimRef = { kind: "PersistentVolumeClaim", namespace: "default", name };
  return [
    {
      ...base(PersistentVolume, `pv-${name}`),
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        csi: { driver, volumeHandle: name },
        claimRef,
        nodeAffinity: nodeAffinity(zone),
      },
    },
    {
      ...base(PersistentVolumeClaim, name, { namespace: "default", annotations }),
      spec: { accessModes: ["ReadWriteOnce"], resources, volumeName: `pv-${name}` },
    },
  ] as unknown as KubernetesObject[];
}
const base = (kind: { apiVersion: string; kind: string }, name: string, more = {}) => ({
  apiVersion: kind.apiVersion,
  kind: kind.kind,
  metadata: { name, ...more },
});

test("a Pod whose volume is in a zone gets a node there, and none where it is not", async (t) => {
  const plan = await staged(t, ...boundClaim("data", "b"));
  const scene = { nodes: [node("one", "a")], pods: [replica("db", { claim: "data" })] };
  assert.deepEqual(plan({ ...scene, groups: [group("a"), group("b")] }).growth, ["in-b", 1, 1]);
  const { growth, told } = plan({ ...scene, groups: [group("a")] });
  assert.equal(growth, undefined);
  assert.match(told[0]!, /^1 node\(s\) /);
});

test("a volume that waits for its first Pod may be made only where its class allows", async (t) => {
  const plan = await staged(
    t,
    {
      ...base(StorageClass, "zonal"),
      provisioner: "disk.example.com",
      volumeBindingMode: "WaitForFirstConsumer",
      allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ["b"] }] }],
    } as unknown as KubernetesObject,
    {
      ...base(PersistentVolumeClaim, "data", { namespace: "default" }),
      spec: { accessModes: ["ReadWriteOnce"], storageClassName: "zonal", resources: { requests: { storage: "1Gi" } } },
    } as unknown as KubernetesObject,
  );
  const scene = { nodes: [node("one", "a")], pods: [replica("db", { claim: "data" })] };
  assert.deepEqual(plan({ ...scene, groups: [group("a"), group("b")] }).growth, ["in-b", 1, 1]);
});

test("no more volumes are put on a new node than its kind of node takes", async (t) => {
  const driver = { name: "disk.example.com", nodeID: "one", topologyKeys: [], allocatable: { count: 1 } };
  const claims = ["x", "y", "z"].flatMap((name) => boundClaim(name, "a"));
  const plan = await staged(t, ...claims, { ...base(CSINode, "one"), spec: { drivers: [driver] } } as KubernetesObject);
  const pods = ["x", "y", "z"].map((name) => replica(name, { cpu: "100m", claim: name }));
  const scene = { nodes: [node("one", "a")], pods, groups: [group("a", ["one"])] };
  assert.deepEqual(plan(scene).growth, ["in-a", 2, 2], "one of them has room where there is a node already");
});

test("who has made others leave needs no node, nor does who is too unimportant", async (t) => {
  const plan = await staged(t);
  const nodes = [node("one", "a")];
  const full = replica("there", { on: "one", cpu: "4" });
  const nominated = replica("important");
  const scene = { nodes, groups: [group("a")] };
  assert.deepEqual(plan({ ...scene, pods: [full, replica("other")] }).growth, ["in-a", 1, 1]);
  const status = { ...nominated.status, nominatedNodeName: "one" };
  assert.equal(plan({ ...scene, pods: [full, { ...nominated, status }] }).growth, undefined);
  assert.equal(plan({ ...scene, pods: [full, replica("filler", { more: { priority: -11 } })] }).growth, undefined);
});

test("a node goes only when its Pods find room under all their rules", async (t) => {
  const plan = await staged(t, ...boundClaim("data", "b"));
  const groups = [group("a", ["two"]), group("b", ["three"])];
  const nodes = [node("one", "a"), node("two", "a"), node("three", "b")];
  const unneeded = (...pods: Pod[]) => plan({ groups, nodes, pods }).unneeded;
  assert.deepEqual(unneeded(replica("x", { on: "two" })), ["three", "two"]);
  assert.deepEqual(unneeded(replica("x", { on: "three", claim: "data" })), ["two"], "its volume is in that zone");
  const rest = [...nodes, node("four", "b")];
  const apart = [
    replica("x", { on: "one" }),
    replica("y", { on: "three", more: spread(ZONE) }),
    replica("hog", { on: "four", cpu: "4", labels: {} }),
  ];
  const { unneeded: spreadOut } = plan({ groups, nodes: rest, pods: apart });
  assert.deepEqual(spreadOut, ["two"], "with one Pod in each zone they are spread as asked");
  assert.deepEqual(
    unneeded(replica("x", { on: "two" }), replica("y", { on: "three", more: { priority: -11 } })).length,
    2,
  );
});

test("daemons take their share of a new node, and do not keep one that is there", async (t) => {
  const plan = await staged(t);
  const agent = replica("agent", { cpu: "1500m" }).spec;
  const agents = (more: Partial<Pod["spec"]> = {}) =>
    ({
      metadata: { name: "agent", namespace: "kube-system", uid: "agents" },
      spec: { template: { metadata: { labels: {} }, spec: { ...agent, ...more } } },
    }) as unknown as DaemonSet;
  const pods = ["x", "y", "z"].map((name) => replica(name, { cpu: "2" }));
  const groups = [group("a")];
  assert.deepEqual(plan({ groups, pods }).growth, ["in-a", 2, 3]);
  assert.deepEqual(plan({ groups, pods, daemonSets: [agents()] }).growth, ["in-a", 3, 3]);
  const elsewhere = agents({ nodeSelector: { [ZONE]: "b" } });
  assert.deepEqual(plan({ groups, pods, daemonSets: [elsewhere] }).growth, ["in-a", 2, 3]);
  const daemon = replica("agent-one", { on: "one", cpu: "1500m" });
  daemon.metadata.ownerReferences![0]!.kind = "DaemonSet";
  const there = { groups: [group("a", ["one"])], nodes: [node("one", "a")], pods: [daemon] };
  assert.deepEqual(plan(there).unneeded, ["one"]);
});

test("an annotation keeps a node", async (t) => {
  const plan = await staged(t);
  const kept = node("two", "a", { "cluster-autoscaler.kubernetes.io/scale-down-disabled": "true" });
  const scene = { groups: [group("a", ["one", "two"])], nodes: [node("one", "a"), kept] };
  assert.deepEqual(plan(scene).unneeded, ["one"]);
  assert.deepEqual(plan(scene, { scaleDown: false }).unneeded, []);
});
