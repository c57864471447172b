import assert from "node:assert/strict";
import { test } from "node:test";
import { Node, PersistentVolume, PersistentVolumeClaim, Pod } from "../../api/core/v1/index.ts";
import { ClusterRole, ClusterRoleBinding } from "../../api/rbac/v1/index.ts";
import {
  CSIDriver,
  DISK_DRIVER,
  StorageClass,
  uniqueVolumeName,
  VolumeAttachment,
  VolumeAttributesClass,
} from "../../api/storage/v1/index.ts";
import { type Cluster, pod, testCluster } from "../../testing/index.ts";
import type { Disks } from "./disks.ts";

/** A provider in memory that refuses what a real one would. */
class FakeDisks implements Disks {
  readonly at = new Map<string, string | undefined>();
  async create({ name, size }: { name: string; size: number }) {
    if (!this.at.has(name)) this.at.set(name, undefined);
    return { id: name, size };
  }
  async delete(id: string) {
    if (this.at.get(id)) throw new Error(`disk ${id} is attached`);
    this.at.delete(id);
  }
  async attach(id: string, machine: string) {
    const has = this.at.get(id);
    if (has && has !== machine) throw new Error(`disk ${id} is attached to ${has}`);
    this.at.set(id, machine);
    return { devicePath: `/dev/${id}` };
  }
  async detach(id: string, machine: string) {
    if (this.at.get(id) === machine) this.at.set(id, undefined);
  }
  async resize() {}
}

async function clusterWithDisks(t: Parameters<typeof testCluster>[0]) {
  const disks = new FakeDisks();
  const cluster = await testCluster(t, { nodes: ["a", "b"], disks });
  const role = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
  const subjects = [{ kind: "ServiceAccount", name: "disk-controller", namespace: "kube-system" }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "disks" };
  await cluster.client.create(ClusterRole, { metadata: { name: "disks" }, rules: [role] } as never);
  await cluster.client.create(ClusterRoleBinding, { metadata: { name: "disks" }, roleRef, subjects } as never);
  const spec = { attachRequired: true };
  await cluster.client.create(CSIDriver, { metadata: { name: DISK_DRIVER }, spec } as CSIDriver);
  await cluster.client.create(StorageClass, {
    metadata: { name: "network" },
    provisioner: DISK_DRIVER,
  } as StorageClass);
  const claim = {
    metadata: { namespace: "default", name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], storageClassName: "network", resources: { requests: { storage: "1Gi" } } },
  };
  await cluster.client.create(PersistentVolumeClaim, claim as unknown as PersistentVolumeClaim);
  await cluster.settle();
  return { cluster, disks, id: [...disks.at.keys()][0]! };
}

const user = (name: string, node: string) => {
  const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "data" } }];
  return pod(name, { spec: { volumes, nodeName: node } as Partial<Pod["spec"]> });
};

/** What a kubelet says of the disks that it has mounted. */
const inUse = (cluster: Cluster, node: string, ids: string[]) =>
  cluster.client.patch(
    Node,
    { name: node },
    "merge",
    { status: { volumesInUse: ids.map((id) => uniqueVolumeName(DISK_DRIVER, id)) } },
    { subresource: "status" },
  );

test("a disk follows its Pod from machine to machine, and is never on two", async (t) => {
  const { cluster, disks, id } = await clusterWithDisks(t);
  assert.equal(disks.at.get(id), undefined, "made, and attached nowhere");
  await cluster.create(user("first", "a"));
  await cluster.settle();
  assert.equal(disks.at.get(id), "a");
  const [attachment] = await cluster.list(VolumeAttachment);
  assert.deepEqual(attachment!.status, { attached: true, attachmentMetadata: { devicePath: `/dev/${id}` } });
  const attached = (await cluster.get(Node, "a")).status.volumesAttached;
  assert.deepEqual(attached, [{ name: uniqueVolumeName(DISK_DRIVER, id), devicePath: `/dev/${id}` }]);

  await inUse(cluster, "a", [id]);
  await cluster.create(user("second", "b"));
  await cluster.settle();
  assert.equal(disks.at.get(id), "a");
  const volume = `pvc-${(await cluster.get(PersistentVolumeClaim, "data")).metadata.uid}`;
  const told = `FailedAttachVolume Pod/second: Multi-Attach error for volume "${volume}" Volume is already used by pod(s) first`;
  assert.ok(cluster.events("second").includes(told), cluster.events("second").join("\n"));

  await cluster.delete(Pod, "first");
  await cluster.advance("1m");
  assert.equal(disks.at.get(id), "a", "still mounted there");
  await inUse(cluster, "a", []);
  await cluster.settle();
  assert.equal(disks.at.get(id), "b");
});

test("a disk of a machine that fell silent is taken after six minutes, or at once when it is out of service", async (t) => {
  const { cluster, disks, id } = await clusterWithDisks(t);
  await cluster.create(user("first", "a"));
  await cluster.settle();
  await inUse(cluster, "a", [id]);
  cluster.silence("a");
  await cluster.advance("1m");
  await cluster.delete(Pod, "first", { gracePeriodSeconds: 0 });
  await cluster.create(user("second", "b"));
  await cluster.advance("4m");
  assert.equal(disks.at.get(id), "a");
  await cluster.advance("3m");
  assert.equal(disks.at.get(id), "b");
});

test("a driver that has said nothing of itself is taken to need its volumes attached", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const { client } = cluster;
  const spec = {
    accessModes: ["ReadWriteOnce"],
    storageClassName: "by-hand",
    resources: { requests: { storage: "1Gi" } },
  };
  for (const name of ["silent", "mounts-only"]) {
    const csi = { driver: `${name}.example.com`, volumeHandle: name };
    const volume = { ...spec, resources: undefined, capacity: { storage: "1Gi" }, csi };
    await client.create(PersistentVolume, { metadata: { name }, spec: volume } as unknown as PersistentVolume);
    await client.create(PersistentVolumeClaim, {
      metadata: { namespace: "default", name },
      spec: { ...spec, volumeName: name },
    } as unknown as PersistentVolumeClaim);
    const volumes = [{ name: "v", persistentVolumeClaim: { claimName: name } }];
    await cluster.create(pod(name, { spec: { volumes, nodeName: "a" } as Partial<Pod["spec"]> }));
  }
  const metadata = { name: "mounts-only.example.com" };
  await client.create(CSIDriver, { metadata, spec: { attachRequired: false } } as CSIDriver);
  await cluster.settle();
  const attached = (await cluster.list(VolumeAttachment)).map(({ spec: it }) => it.source.persistentVolumeName);
  assert.ok(attached.includes("silent"));
  await cluster.delete(Pod, "silent", { gracePeriodSeconds: 0 });
  await cluster.settle();
  assert.ok(!(await cluster.list(VolumeAttachment)).some(({ spec: it }) => it.attacher.startsWith("silent")));
});

test("a disk goes with its claim, once it is detached", async (t) => {
  const { cluster, disks } = await clusterWithDisks(t);
  await cluster.create(user("first", "a"));
  await cluster.settle();
  await cluster.delete(PersistentVolumeClaim, "data");
  await cluster.delete(Pod, "first");
  await cluster.advance("2m");
  assert.equal(disks.at.size, 0);
  assert.deepEqual(await cluster.list(PersistentVolume), []);
  assert.deepEqual(await cluster.list(VolumeAttachment), []);
});

test("a claim that asks for other attributes is told how far that is, and what keeps the class", async (t) => {
  const { cluster } = await clusterWithDisks(t);
  const ask = (name: string) =>
    cluster.edit(PersistentVolumeClaim, "data", ({ spec }) => {
      spec.volumeAttributesClassName = name;
    });
  const told = async () => {
    await cluster.settle();
    const { modifyVolumeStatus, conditions = [] } = (await cluster.get(PersistentVolumeClaim, "data")).status;
    return [modifyVolumeStatus?.status, ...conditions.map(({ type }) => type)];
  };
  const fast = (name: string, driverName: string) =>
    cluster.client.create(VolumeAttributesClass, {
      metadata: { name },
      driverName,
      parameters: { iops: "100" },
    } as unknown as VolumeAttributesClass);
  assert.deepEqual(await told(), [undefined]);
  await ask("fast");
  assert.deepEqual(await told(), ["Pending", "ModifyVolumeError"]);
  assert.ok(cluster.events("data").includes("VolumeModifyFailed PersistentVolumeClaim/data: VAC fast does not exist."));
  await fast("fast", DISK_DRIVER);
  assert.deepEqual(await told(), ["Infeasible", "ModifyVolumeError"]);
  await cluster.delete(VolumeAttributesClass, "fast");
  await cluster.settle();
  const kept = await cluster.get(VolumeAttributesClass, "fast");
  assert.deepEqual(kept.metadata.finalizers, ["kubernetes.io/vac-protection"]);
  await ask("");
  assert.deepEqual(await told(), [undefined]);
  await assert.rejects(cluster.get(VolumeAttributesClass, "fast"), /not found/);
});
