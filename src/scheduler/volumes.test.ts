/** Volumes and the nodes of the Pods that use them, against an API server in this process. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Node, PersistentVolume, PersistentVolumeClaim, Pod } from "../api/core/v1/index.ts";
import { CSINode, StorageClass } from "../api/storage/v1/index.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { type Cluster, testCluster } from "../testing/index.ts";

async function start(t: TestContext): Promise<Cluster> {
  const it = await testCluster(t, { nodes: ["a", "b", "c"] });
  await storageClass(it, "local", "kubernetes.io/no-provisioner", "WaitForFirstConsumer");
  await storageClass(it, "now", "example.com/none", "Immediate");
  return it;
}

const create = (it: Cluster, object: object) => it.create(object as KubernetesObject);

async function storageClass(it: Cluster, name: string, provisioner: string, volumeBindingMode: string): Promise<void> {
  const { apiVersion, kind } = StorageClass;
  await create(it, { apiVersion, kind, metadata: { name }, provisioner, volumeBindingMode });
}

async function volume(it: Cluster, name: string, node: string, storage: string, more: object = {}): Promise<void> {
  const required = {
    nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] }],
  };
  await create(it, {
    apiVersion: "v1",
    kind: PersistentVolume.kind,
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes: ["ReadWriteOnce"],
      storageClassName: "local",
      local: { path: `/mnt/${name}` },
      nodeAffinity: { required },
      ...more,
    },
  });
}

async function claim(it: Cluster, name: string, more: object = {}): Promise<void> {
  await create(it, {
    apiVersion: "v1",
    kind: PersistentVolumeClaim.kind,
    metadata: { name, namespace: "default" },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "local",
      resources: { requests: { storage: "1Gi" } },
      ...more,
    },
  });
}

async function pod(it: Cluster, name: string, claims: string[], spec: object = {}): Promise<void> {
  const volumes = claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }));
  const containers = [{ name: "c", image: "i" }];
  const metadata = { name, namespace: "default" };
  await create(it, { apiVersion: "v1", kind: "Pod", metadata, spec: { containers, volumes, ...spec } });
  await it.settle();
}

const nodeOf = (it: Cluster, name: string) => it.pods(name)[0]?.spec.nodeName;
const whyNot = (it: Cluster, name: string) =>
  it.pods(name)[0]?.status.conditions?.find(({ type }) => type === "PodScheduled")?.message;

test("a Pod goes where a volume for its claim is, and the claim is bound to the smallest that will do", async (t) => {
  const it = await start(t);
  await volume(it, "small", "a", "500Mi");
  await volume(it, "large", "b", "10Gi");
  await volume(it, "fitting", "b", "2Gi");
  await claim(it, "data");
  await it.settle();
  await pod(it, "p", ["data"]);
  await it.until(() => nodeOf(it, "p") === "b");
  assert.equal((await it.get(PersistentVolumeClaim, "data")).spec.volumeName, "fitting");
});

test("each of two claims gets a volume of its own, on one node", async (t) => {
  const it = await start(t);
  for (const [name, node] of [
    ["a1", "a"],
    ["b1", "b"],
    ["b2", "b"],
  ] as const) {
    await volume(it, name, node, "1Gi");
  }
  await claim(it, "one");
  await claim(it, "two");
  await pod(it, "p", ["one", "two"]);
  await it.until(() => nodeOf(it, "p") === "b");
});

test("a Pod whose bound volume is on another node than it wants waits, and says so", async (t) => {
  const it = await start(t);
  await volume(it, "v", "a", "1Gi");
  await claim(it, "data");
  await pod(it, "first", ["data"]);
  await it.until(() => nodeOf(it, "first") === "a");
  await pod(it, "second", ["data"], { nodeSelector: { "kubernetes.io/hostname": "b" } });
  assert.equal(
    whyNot(it, "second"),
    "0/3 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity, " +
      "2 node(s) didn't match Pod's node affinity/selector. " +
      "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
  );
});

test("claims that are missing, unbound or without a volume are told apart", async (t) => {
  const it = await start(t);
  await pod(it, "missing", ["nothing"]);
  assert.match(
    whyNot(it, "missing")!,
    /^0\/3 nodes are available: persistentvolumeclaim "nothing" not found\. preemption: /,
  );
  await claim(it, "unbound", { storageClassName: "now" });
  await pod(it, "unbound", ["unbound"]);
  assert.match(whyNot(it, "unbound")!, /: pod has unbound immediate PersistentVolumeClaims\. preemption: /);
  await claim(it, "none");
  await pod(it, "none", ["none"]);
  assert.match(whyNot(it, "none")!, /: 3 node\(s\) didn't find available persistent volumes to bind\. /);
  await volume(it, "late", "c", "1Gi");
  await it.until(() => nodeOf(it, "none") === "c");
});

test("a claim without a volume gets one made where its Pod goes", async (t) => {
  const it = await start(t);
  await storageClass(it, "made", "coxswain.io/local", "WaitForFirstConsumer");
  await claim(it, "data", { storageClassName: "made" });
  await pod(it, "p", ["data"]);
  await it.until(() => nodeOf(it, "p") !== undefined);
  const bound = await it.get(PersistentVolumeClaim, "data");
  assert.equal(bound.metadata.annotations?.["volume.kubernetes.io/selected-node"], nodeOf(it, "p"));
  assert.ok(bound.spec.volumeName);
});

test("a claim for one Pod only keeps a second one waiting until the first is gone", async (t) => {
  const it = await start(t);
  await volume(it, "v", "a", "1Gi", { accessModes: ["ReadWriteOncePod"] });
  await claim(it, "data", { accessModes: ["ReadWriteOncePod"] });
  await pod(it, "first", ["data"]);
  await it.until(() => nodeOf(it, "first") === "a");
  await pod(it, "second", ["data"]);
  const reason =
    "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod";
  assert.ok(whyNot(it, "second")!.startsWith(`0/3 nodes are available: 3 ${reason}.`));
  await it.delete(Pod, "first", { gracePeriodSeconds: 0 });
  await it.until(() => nodeOf(it, "second") === "a");
});

test("no node gets more volumes than its driver can attach there", async (t) => {
  const it = await start(t);
  for (const name of ["a", "b", "c"]) {
    const drivers = [{ name: "csi.example.com", nodeID: name, allocatable: { count: 1 } }];
    await create(it, { apiVersion: CSINode.apiVersion, kind: CSINode.kind, metadata: { name }, spec: { drivers } });
  }
  for (const name of ["1", "2", "3", "4"]) {
    const csi = { driver: "csi.example.com", volumeHandle: `handle-${name}` };
    await volume(it, `v${name}`, "a", "1Gi", {
      local: undefined,
      nodeAffinity: undefined,
      csi,
      storageClassName: "csi",
    });
    await claim(it, `c${name}`, { storageClassName: "csi", volumeName: `v${name}` });
  }
  await it.settle();
  for (const name of ["1", "2", "3", "4"]) await pod(it, `p${name}`, [`c${name}`]);
  const nodes = ["1", "2", "3"].map((name) => nodeOf(it, `p${name}`));
  assert.equal(new Set(nodes).size, 3);
  assert.match(whyNot(it, "p4")!, /^0\/3 nodes are available: 3 node\(s\) exceed max volume count\./);
});

test("volumes of a zone keep their Pod in it", async (t) => {
  const it = await start(t);
  const zone = "topology.kubernetes.io/zone";
  for (const [node, value] of [
    ["a", "x"],
    ["b", "y"],
    ["c", "z"],
  ]) {
    await it.client.patch(Node, { name: node! }, "merge", { metadata: { labels: { [zone]: value } } });
  }
  await volume(it, "v", "a", "1Gi", { local: undefined, nodeAffinity: undefined, nfs: { server: "s", path: "/" } });
  await it.edit(PersistentVolume, "v", ({ metadata }) => {
    metadata.labels = { [zone]: "y__z" };
  });
  await claim(it, "data", { volumeName: "v" });
  await it.settle();
  await pod(it, "p", ["data"], { nodeSelector: { [zone]: "x" } });
  assert.match(
    whyNot(it, "p")!,
    /1 node\(s\) had no available volume zone, 2 node\(s\) didn't match Pod's node affinity/,
  );
  await pod(it, "q", ["data"]);
  assert.ok(["b", "c"].includes(nodeOf(it, "q")!));
});
