/** The conformance suite's sentences about volumes and claims, while the controllers see to them. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { PersistentVolume, PersistentVolumeClaim } from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { type Cluster, testCluster } from "../../testing/index.ts";

const LABELS = { test: "lifecycle" };
const SELECTOR = "test=lifecycle";
const NAMESPACE = "default";
const volume = (name: string) =>
  ({
    metadata: { name, labels: LABELS },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "e2e",
      csi: { driver: "e2e.example.com", volumeHandle: "e2e" },
    },
  }) as unknown as PersistentVolume;
const claim = (name: string) =>
  ({
    metadata: { name, namespace: NAMESPACE, labels: LABELS },
    spec: { accessModes: ["ReadWriteOnce"], storageClassName: "e2e", resources: { requests: { storage: "1Gi" } } },
  }) as unknown as PersistentVolumeClaim;

async function pair(cluster: Cluster, pv: string, pvc: string): Promise<void> {
  await cluster.client.create(PersistentVolume, volume(pv));
  await cluster.client.create(PersistentVolumeClaim, claim(pvc));
  await cluster.settle();
}
const count = async (cluster: Cluster, kind: Kind) =>
  (await cluster.client.list(kind, { labelSelector: SELECTOR })).items.length;
async function gone<T extends KubernetesObject>(cluster: Cluster, kind: Kind<T>, name: string): Promise<void> {
  await cluster.settle();
  await assert.rejects(cluster.get(kind, name), isNotFound);
}
const cluster = (t: TestContext) => testCluster(t, {});

test("[sig-storage] PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC [Conformance]", async (t) => {
  const at = await cluster(t);
  const { client } = at;
  await pair(at, "pv", "pvc");
  assert.deepEqual([await count(at, PersistentVolume), await count(at, PersistentVolumeClaim)], [1, 1]);
  const patch = { metadata: { labels: { patched: "yes" } } };
  const pv = await client.patch(PersistentVolume, { name: "pv" }, "merge", patch);
  const pvc = await client.patch(PersistentVolumeClaim, { namespace: NAMESPACE, name: "pvc" }, "merge", patch);
  assert.deepEqual([pv.metadata.labels?.patched, pvc.metadata.labels?.patched], ["yes", "yes"]);
  assert.equal((await at.get(PersistentVolume, "pv")).metadata.uid, pv.metadata.uid);
  assert.equal((await at.get(PersistentVolumeClaim, "pvc")).metadata.uid, pvc.metadata.uid);
  assert.deepEqual([pv.status.phase, pvc.status.phase], ["Bound", "Bound"]);
  await at.delete(PersistentVolumeClaim, "pvc");
  await gone(at, PersistentVolumeClaim, "pvc");
  await at.delete(PersistentVolume, "pv");
  await gone(at, PersistentVolume, "pv");

  await pair(at, "pv-2", "pvc-2");
  const renew = <T extends KubernetesObject>(kind: Kind<T>, name: string) =>
    at.edit(kind, name, ({ metadata }) => {
      metadata.labels = { ...metadata.labels, updated: "yes" };
    });
  assert.equal((await renew(PersistentVolume, "pv-2")).metadata.labels?.updated, "yes");
  assert.equal((await renew(PersistentVolumeClaim, "pvc-2")).metadata.labels?.updated, "yes");
  const labelSelector = "updated=yes";
  assert.equal((await client.list(PersistentVolumeClaim, { labelSelector })).items.length, 1);
  await client.deleteCollection(PersistentVolumeClaim, { namespace: NAMESPACE, labelSelector });
  await gone(at, PersistentVolumeClaim, "pvc-2");
  await client.deleteCollection(PersistentVolume, { labelSelector });
  await gone(at, PersistentVolume, "pv-2");
});

test("[sig-storage] PersistentVolumes CSI Conformance should apply changes to a pv/pvc status [Conformance]", async (t) => {
  const at = await cluster(t);
  const { client } = at;
  await pair(at, "pv", "pvc");
  const status = { subresource: "status" };
  const condition = (type: string) => ({ type, status: "True", reason: "Set from e2e test", message: type }) as never;
  const types = async () => (await at.get(PersistentVolumeClaim, "pvc")).status.conditions?.map(({ type }) => type);
  const told = async () => {
    const { message, reason } = (await at.get(PersistentVolume, "pv")).status;
    return [message, reason];
  };
  const key = { namespace: NAMESPACE, name: "pvc" };
  const conditions = [condition("StatusPatched")];
  await client.patch(PersistentVolumeClaim, key, "merge", { status: { conditions } }, status);
  const words = { message: "StatusPatched", reason: "E2E patchStatus" };
  await client.patch(PersistentVolume, { name: "pv" }, "merge", { status: words }, status);
  await at.settle();
  assert.deepEqual([await types(), await told()], [["StatusPatched"], ["StatusPatched", "E2E patchStatus"]]);

  const pvc = structuredClone(await at.get(PersistentVolumeClaim, "pvc"));
  pvc.status.conditions!.push(condition("StatusUpdated"));
  await client.updateStatus(PersistentVolumeClaim, pvc);
  const pv = structuredClone(await at.get(PersistentVolume, "pv"));
  Object.assign(pv.status, { message: "StatusUpdated", reason: "E2E updateStatus" });
  await client.updateStatus(PersistentVolume, pv);
  await at.settle();
  assert.deepEqual(await types(), ["StatusPatched", "StatusUpdated"]);
  assert.deepEqual(await told(), ["StatusUpdated", "E2E updateStatus"]);
});
