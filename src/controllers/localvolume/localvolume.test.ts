import assert from "node:assert/strict";
import { test } from "node:test";
import { Node, PersistentVolume, PersistentVolumeClaim } from "../../api/core/v1/index.ts";
import { StorageClass } from "../../api/storage/v1/index.ts";
import { type Cluster, testCluster } from "../../testing/index.ts";

const SELECTED = "volume.kubernetes.io/selected-node";

function standard(more: Partial<StorageClass> = {}): StorageClass {
  const { apiVersion, kind } = StorageClass;
  const provisioner = "coxswain.io/local";
  const volumeBindingMode = "WaitForFirstConsumer";
  const metadata = { name: "standard" };
  return { apiVersion, kind, metadata, provisioner, volumeBindingMode, allowVolumeExpansion: true, ...more };
}

function claim(name: string, spec: Partial<PersistentVolumeClaim["spec"]> = {}): PersistentVolumeClaim {
  const resources = { requests: { storage: "1Gi" } };
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: "default" },
    spec: { accessModes: ["ReadWriteOnce"], storageClassName: "standard", resources, ...spec },
    status: {},
  } as PersistentVolumeClaim;
}

/** What the scheduler does. */
const select = (cluster: Cluster, name: string, node: string) =>
  cluster.edit(PersistentVolumeClaim, name, ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, [SELECTED]: node };
  });

const bound = (cluster: Cluster, name: string) => cluster.get(PersistentVolumeClaim, name);
const volumes = async (cluster: Cluster) =>
  (await cluster.list(PersistentVolume)).map(({ spec }) => spec.claimRef?.name);

test("makes a folder's volume on the node that was selected, and binds it", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.apply(standard(), claim("data"));
  await cluster.settle();
  assert.deepEqual(await volumes(cluster), []);
  await select(cluster, "data", "b");
  await cluster.settle();
  const { spec, status, metadata } = await bound(cluster, "data");
  assert.equal(status.phase, "Bound");
  const volume = await cluster.get(PersistentVolume, spec.volumeName!);
  assert.equal(volume.metadata.name, `pvc-${metadata.uid}`);
  assert.equal(volume.spec.local?.path, `/simulated/local-volumes/${volume.metadata.name}`);
  const [term] = volume.spec.nodeAffinity!.required!.nodeSelectorTerms;
  assert.deepEqual(term!.matchExpressions, [{ key: "kubernetes.io/hostname", operator: "In", values: ["b"] }]);
  assert.equal(volume.spec.persistentVolumeReclaimPolicy, "Delete");
  assert.ok(
    cluster
      .events("data")
      .includes(`ProvisioningSucceeded PersistentVolumeClaim/data: Successfully provisioned volume ${spec.volumeName}`),
  );
});

test("binding at once takes the node with the fewest volumes", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.apply(standard({ volumeBindingMode: "Immediate" }));
  for (const name of ["one", "two"]) {
    await cluster.apply(claim(name));
    await cluster.settle();
  }
  const nodes = (await cluster.list(PersistentVolume)).map(({ metadata }) => metadata.labels?.["coxswain.io/node"]);
  assert.deepEqual(nodes.sort(), ["a", "b"]);
});

test("the volume goes with its claim, its node's finalizer last; with Retain it stays", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const kept = standard({ metadata: { name: "kept" }, volumeBindingMode: "Immediate", reclaimPolicy: "Retain" });
  await cluster.apply(standard({ volumeBindingMode: "Immediate" }), kept);
  await cluster.apply(claim("goes"), claim("stays", { storageClassName: "kept" }));
  await cluster.settle();
  assert.deepEqual((await volumes(cluster)).sort(), ["goes", "stays"]);
  await cluster.delete(PersistentVolumeClaim, "goes");
  await cluster.delete(PersistentVolumeClaim, "stays");
  await cluster.settle();
  assert.deepEqual(await volumes(cluster), ["stays"]);
});

test("a volume whose node has left the cluster is forgotten", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.apply(standard(), claim("data"));
  await select(cluster, "data", "b");
  await cluster.settle();
  await cluster.delete(Node, "b");
  await cluster.delete(PersistentVolumeClaim, "data");
  await cluster.settle();
  assert.deepEqual(await volumes(cluster), []);
});

test("says what cannot be, and lets the scheduler choose again where a node cannot", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], scheduler: false });
  await cluster.apply(standard());
  await cluster.apply(
    claim("shared", { accessModes: ["ReadWriteMany"] }),
    claim("raw", { volumeMode: "Block" }),
    claim("lost"),
  );
  for (const name of ["shared", "raw"]) await select(cluster, name, "a");
  await select(cluster, "lost", "nowhere");
  await cluster.settle();
  const failed = (name: string) => cluster.events(name).find((event) => event.startsWith("ProvisioningFailed")) ?? "";
  assert.match(failed("shared"), /access mode ReadWriteMany is not supported: a local volume serves one node/);
  assert.match(failed("raw"), /volume mode Block is not supported/);
  assert.match(failed("lost"), /with StorageClass "standard": node "nowhere" not found/);
  assert.equal((await bound(cluster, "lost")).metadata.annotations?.[SELECTED], undefined);
  assert.deepEqual(await volumes(cluster), []);
});

test("a class may ask for file systems of their own size: their growth is left to the node", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const sized = (fsType: string) =>
    standard({ metadata: { name: fsType }, volumeBindingMode: "Immediate", parameters: { fsType } });
  await cluster.apply(sized("ext4"), sized("zfs"));
  await cluster.apply(claim("data", { storageClassName: "ext4" }), claim("odd", { storageClassName: "zfs" }));
  await cluster.settle();
  assert.match(cluster.events("odd").join("\n"), /parameter fsType: zfs is not supported, only ext4/);
  const { spec } = await bound(cluster, "data");
  const volume = () => cluster.get(PersistentVolume, spec.volumeName!);
  assert.equal((await volume()).spec.local?.fsType, "ext4");
  await cluster.edit(PersistentVolumeClaim, "data", (it) => {
    it.spec.resources!.requests!.storage = "3Gi";
  });
  await cluster.settle();
  const { status } = await bound(cluster, "data");
  assert.deepEqual(
    status.conditions?.map(({ type }) => type),
    ["FileSystemResizePending"],
  );
  assert.equal(status.allocatedResourceStatuses?.storage, "NodeResizePending");
  assert.equal((await volume()).spec.capacity?.storage, "3Gi");
});

test("a claim that asks for more gets it, and says so on the way", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(standard({ volumeBindingMode: "Immediate" }), claim("data"));
  await cluster.settle();
  await cluster.edit(PersistentVolumeClaim, "data", ({ spec }) => {
    spec.resources!.requests!.storage = "3Gi";
  });
  await cluster.settle();
  const { status, spec } = await bound(cluster, "data");
  assert.deepEqual(status.capacity, { storage: "3Gi" });
  assert.deepEqual([status.conditions ?? [], status.allocatedResourceStatuses], [[], undefined]);
  assert.equal((await cluster.get(PersistentVolume, spec.volumeName!)).spec.capacity?.storage, "3Gi");
  assert.deepEqual(
    cluster
      .events("data")
      .slice(-2)
      .map((event) => event.split(" ")[0]),
    ["Resizing", "VolumeResizeSuccessful"],
  );
  const shrink = cluster.edit(PersistentVolumeClaim, "data", (it) => {
    it.spec.resources!.requests!.storage = "1Gi";
  });
  await assert.rejects(shrink, /field can not be less than status.capacity/);
});
