import assert from "node:assert/strict";
import { test } from "node:test";
import { Node, PersistentVolume, PersistentVolumeClaim } from "../../api/core/v1/index.ts";
import { CSIDriver, LOCAL_VOLUME_FINALIZER, LOCAL_VOLUME_NODE, StorageClass } from "../../api/storage/v1/index.ts";
import { isForbidden } from "../../apimachinery/status.ts";
import { testServer } from "../testServer.ts";

const volume = (name: string, node: string) =>
  ({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, labels: { [LOCAL_VOLUME_NODE]: node }, finalizers: [LOCAL_VOLUME_FINALIZER] },
    spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/x" } },
    status: {},
  }) as PersistentVolume;

const claim = (name: string, spec: Partial<PersistentVolumeClaim["spec"]> = {}) =>
  ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { namespace: "default", name },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
    status: {},
  }) as PersistentVolumeClaim;

const storageClass = (name: string, more: Partial<StorageClass> = {}) =>
  ({
    ...{ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name } },
    provisioner: "x/y",
    ...more,
  }) as StorageClass;

test("each change of a volume's phase is stamped", async (t) => {
  const { client, advance } = await testServer(t);
  const made = await client.create(PersistentVolume, volume("pv", "a"));
  assert.equal(made.status.phase, "Pending");
  await advance(60_000);
  const bound = await client.updateStatus(PersistentVolume, { ...made, status: { ...made.status, phase: "Bound" } });
  assert.notEqual(bound.status.lastPhaseTransitionTime, made.status.lastPhaseTransitionTime);
});

test("a node may let go of its own local volumes, and change nothing else", async (t) => {
  const { client, as } = await testServer(t);
  const role = { apiGroups: [""], resources: ["persistentvolumes"], verbs: ["get", "patch"] };
  const { ClusterRole, ClusterRoleBinding } = await import("../../api/rbac/v1/index.ts");
  await client.create(ClusterRole, { metadata: { name: "local" }, rules: [role] } as never);
  const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "system:nodes" }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "local" };
  await client.create(ClusterRoleBinding, { metadata: { name: "local" }, roleRef, subjects } as never);
  for (const name of ["a", "b"]) {
    const labels = { "kubernetes.io/hostname": name };
    await client.create(Node, { metadata: { name, labels }, spec: {}, status: {} } as never);
    await client.create(PersistentVolume, volume(`pv-${name}`, name));
  }
  const node = as({ name: "system:node:a", groups: ["system:nodes", "system:authenticated"] });
  const patch = (name: string, body: object) => node.patch(PersistentVolume, { name }, "merge", body);
  await assert.rejects(patch("pv-b", { metadata: { finalizers: ["kubernetes.io/pv-protection"] } }), isForbidden);
  await assert.rejects(patch("pv-a", { spec: { persistentVolumeReclaimPolicy: "Delete" } }), isForbidden);
  await assert.rejects(patch("pv-a", { metadata: { finalizers: [LOCAL_VOLUME_FINALIZER] } }), isForbidden);
  await patch("pv-a", { metadata: { finalizers: ["kubernetes.io/pv-protection"] } });
  await client.patch(PersistentVolume, { name: "pv-b" }, "merge", {
    metadata: { finalizers: [LOCAL_VOLUME_FINALIZER] },
  });
  const owner = as({ name: "system:node:b", groups: ["system:nodes", "system:authenticated"] });
  await client.delete(PersistentVolume, { name: "pv-b" });
  await owner.patch(PersistentVolume, { name: "pv-b" }, "merge", { metadata: { finalizers: [] } });
  assert.deepEqual(
    (await client.list(PersistentVolume)).items.map(({ metadata }) => metadata.name),
    ["pv-a"],
  );
});

test("a claim without a class gets the newest default class; one that wants none keeps that", async (t) => {
  const { client, advance } = await testServer(t);
  const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
  await client.create(StorageClass, storageClass("old", { metadata: { name: "old", annotations } }));
  await advance(5000);
  await client.create(StorageClass, storageClass("new", { metadata: { name: "new", annotations } }));
  assert.equal((await client.create(PersistentVolumeClaim, claim("any"))).spec.storageClassName, "new");
  const none = await client.create(PersistentVolumeClaim, claim("none", { storageClassName: "" }));
  assert.equal(none.spec.storageClassName, "");
  assert.deepEqual(none.metadata.finalizers, ["kubernetes.io/pvc-protection"]);
});

test("more storage is given only by a class that can, and to claims that are bound", async (t) => {
  const { client } = await testServer(t);
  await client.create(StorageClass, storageClass("fixed"));
  await client.create(StorageClass, storageClass("grows", { allowVolumeExpansion: true }));
  const bound = async (name: string, phase: string) => {
    const made = await client.create(PersistentVolumeClaim, claim(name, { storageClassName: name }));
    return client.updateStatus(PersistentVolumeClaim, { ...made, status: { phase, capacity: { storage: "1Gi" } } });
  };
  const grow = (object: PersistentVolumeClaim) =>
    client.update(PersistentVolumeClaim, {
      ...object,
      spec: { ...object.spec, resources: { requests: { storage: "2Gi" } } },
    });
  await assert.rejects(grow(await bound("fixed", "Bound")), /only dynamically provisioned pvc can be resized/);
  const grown = await grow(await bound("grows", "Bound"));
  assert.equal(grown.spec.resources?.requests?.storage, "2Gi");
  const changed = { ...grown, spec: { ...grown.spec, accessModes: ["ReadWriteMany"] } };
  await assert.rejects(
    client.update(PersistentVolumeClaim, changed),
    /spec is immutable after creation except resources/,
  );
});

test("the generation of a CSIDriver counts its changes", async (t) => {
  const { client } = await testServer(t);
  const made = await client.create(CSIDriver, { metadata: { name: "d.example.com" }, spec: {} } as CSIDriver);
  assert.equal(made.metadata.generation, undefined);
  const changed = await client.update(CSIDriver, { ...made, spec: { ...made.spec, requiresRepublish: true } });
  assert.equal(changed.metadata.generation, 1);
});
