import assert from "node:assert/strict";
import { test } from "node:test";
import { PersistentVolume, PersistentVolumeClaim, Pod } from "../../api/core/v1/index.ts";
import { StorageClass } from "../../api/storage/v1/index.ts";
import { type Cluster, pod, testCluster } from "../../testing/index.ts";
import { bestVolume, whyUnfit } from "./matching.ts";

interface VolumeMade {
  size?: string;
  modes?: string[];
  storageClass?: string;
  labels?: Record<string, string>;
  spec?: Partial<PersistentVolume["spec"]>;
}

function volume(
  name: string,
  { size = "1Gi", modes = ["ReadWriteOnce"], storageClass, labels, spec }: VolumeMade = {},
) {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, ...(labels ? { labels } : {}) },
    spec: {
      capacity: { storage: size },
      accessModes: modes,
      ...(storageClass ? { storageClassName: storageClass } : {}),
      hostPath: { path: "/tmp/x" },
      ...spec,
    },
    status: {},
  } as PersistentVolume;
}

function claim(name: string, spec: Partial<PersistentVolumeClaim["spec"]> = {}, size = "1Gi") {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: "default" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: size } }, ...spec },
    status: {},
  } as PersistentVolumeClaim;
}

function storageClass(name: string, more: Partial<StorageClass> = {}) {
  const { apiVersion, kind } = StorageClass;
  return { apiVersion, kind, metadata: { name }, provisioner: "example.com/disks", ...more } as StorageClass;
}

const phases = async (cluster: Cluster, pv: string, pvc: string) => [
  (await cluster.get(PersistentVolume, pv)).status.phase,
  (await cluster.get(PersistentVolumeClaim, pvc)).status.phase,
];

test("binds a claim to the smallest volume that fits, and says so on both sides", async (t) => {
  const cluster = await testCluster(t, {});
  await cluster.apply(
    volume("large", { size: "10Gi" }),
    volume("small", { size: "2Gi" }),
    volume("tiny", { size: "1Mi" }),
  );
  await cluster.settle();
  assert.equal((await cluster.get(PersistentVolume, "small")).status.phase, "Available");
  await cluster.apply(claim("data"));
  await cluster.settle();
  const { metadata, spec, status } = await cluster.get(PersistentVolumeClaim, "data");
  assert.equal(spec.volumeName, "small");
  assert.deepEqual(status, { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "2Gi" } });
  assert.equal(metadata.annotations?.["pv.kubernetes.io/bind-completed"], "yes");
  assert.equal(metadata.annotations?.["pv.kubernetes.io/bound-by-controller"], "yes");
  const bound = await cluster.get(PersistentVolume, "small");
  assert.equal(bound.spec.claimRef?.uid, metadata.uid);
  assert.equal(bound.status.phase, "Bound");
  assert.equal(bound.metadata.annotations?.["pv.kubernetes.io/bound-by-controller"], "yes");
});

test("a volume that comes later is found by the claim that waits for it", async (t) => {
  const cluster = await testCluster(t, {});
  await cluster.apply(claim("data"));
  await cluster.settle();
  const told =
    "FailedBinding PersistentVolumeClaim/data: no persistent volumes available for this claim and no storage class is set";
  assert.deepEqual(cluster.events("data"), [told]);
  await cluster.apply(volume("late"));
  await cluster.settle();
  assert.deepEqual(await phases(cluster, "late", "data"), ["Bound", "Bound"]);
});

test("two claims never get the same volume", async (t) => {
  const cluster = await testCluster(t, {});
  await cluster.apply(volume("one"));
  await cluster.settle();
  await cluster.apply(claim("a"), claim("b"), claim("c"));
  await cluster.advance("5s");
  const claims = await cluster.list(PersistentVolumeClaim, "default");
  assert.deepEqual(claims.map(({ status }) => status.phase).sort(), ["Bound", "Pending", "Pending"]);
});

test("binds what either side has chosen", async (t) => {
  const cluster = await testCluster(t, {});
  await cluster.apply(volume("other"), volume("wanted"), claim("named", { volumeName: "wanted" }));
  const kept = { claimRef: { namespace: "default", name: "kept-for" } };
  await cluster.apply(volume("kept", { size: "5Gi", spec: kept }), claim("kept-for"));
  await cluster.settle();
  const named = await cluster.get(PersistentVolumeClaim, "named");
  assert.equal(named.status.phase, "Bound");
  assert.equal(named.metadata.annotations?.["pv.kubernetes.io/bound-by-controller"], undefined);
  const keptFor = await cluster.get(PersistentVolumeClaim, "kept-for");
  assert.deepEqual([keptFor.spec.volumeName, keptFor.status.capacity?.storage], ["kept", "5Gi"]);
  const marked = (await cluster.get(PersistentVolume, "kept")).metadata.annotations ?? {};
  assert.equal(marked["pv.kubernetes.io/bound-by-controller"], undefined);
});

test("says why a volume that a claim names cannot serve it", async (t) => {
  const cluster = await testCluster(t, {});
  await cluster.apply(volume("small"), claim("greedy", { volumeName: "small" }, "2Gi"));
  await cluster.settle();
  const told =
    'VolumeMismatch PersistentVolumeClaim/greedy: Cannot bind to requested volume "small": requested PV is too small';
  assert.deepEqual(cluster.events("greedy"), [told]);
  await cluster.apply(claim("modest", { volumeName: "small" }));
  await cluster.settle();
  await cluster.apply(claim("late", { volumeName: "small" }));
  await cluster.settle();
  const taken = 'FailedBinding PersistentVolumeClaim/late: volume "small" already bound to a different claim.';
  assert.deepEqual(cluster.events("late"), [taken]);
});

test("a volume outlives its claim: released, kept or failed as its policy says", async (t) => {
  const cluster = await testCluster(t, {});
  for (const policy of ["Retain", "Recycle", "Delete"]) {
    const name = policy.toLowerCase();
    const spec = { persistentVolumeReclaimPolicy: policy };
    await cluster.apply(volume(name, { spec }), claim(name, { volumeName: name }));
    await cluster.settle();
    await cluster.delete(PersistentVolumeClaim, name);
    await cluster.settle();
  }
  const status = async (name: string) => (await cluster.get(PersistentVolume, name)).status;
  assert.equal((await status("retain")).phase, "Released");
  assert.equal((await status("recycle")).phase, "Failed");
  assert.ok(
    cluster.events("recycle").includes("VolumeFailedRecycle PersistentVolume/recycle: No recycler plugin found!"),
  );
  const failed = await status("delete");
  assert.equal(failed.phase, "Failed");
  assert.match(failed.message ?? "", /no deletable volume plugin matched/);
  // a new claim of the same name has nothing of the old one
  await cluster.apply(claim("retain", { volumeName: "retain" }));
  await cluster.settle();
  assert.deepEqual(await phases(cluster, "retain", "retain"), ["Released", "Pending"]);
});

test("a claim that lost its volume says so", async (t) => {
  const cluster = await testCluster(t, {});
  await cluster.apply(volume("pv"), claim("data"));
  await cluster.settle();
  await cluster.delete(PersistentVolume, "pv");
  await cluster.settle();
  assert.equal((await cluster.get(PersistentVolume, "pv")).status.phase, "Bound", "kept while it is bound");
  await cluster.edit(PersistentVolume, "pv", (pv) => {
    pv.metadata.finalizers = [];
  });
  await cluster.settle();
  assert.equal((await cluster.get(PersistentVolumeClaim, "data")).status.phase, "Lost");
  const told =
    "ClaimLost PersistentVolumeClaim/data: Bound claim has lost its PersistentVolume. Data on the volume is lost!";
  assert.ok(cluster.events("data").includes(told));
});

test("asks the provisioner of the claim's class, and binds what it makes", async (t) => {
  const cluster = await testCluster(t, {});
  await cluster.apply(claim("data", { storageClassName: "fast" }));
  await cluster.settle();
  assert.deepEqual(cluster.events("data"), [
    'ProvisioningFailed PersistentVolumeClaim/data: storageclass.storage.k8s.io "fast" not found',
  ]);
  await cluster.apply(storageClass("fast"));
  await cluster.settle();
  const asked = await cluster.get(PersistentVolumeClaim, "data");
  assert.equal(asked.metadata.annotations?.["volume.kubernetes.io/storage-provisioner"], "example.com/disks");
  assert.match(
    cluster.events("data").at(-1) ?? "",
    /^ExternalProvisioning .*: Waiting for a volume to be created either/,
  );
  const made = { claimRef: { namespace: "default", name: "data", uid: asked.metadata.uid } };
  await cluster.apply(volume("pvc-1", { storageClass: "fast", spec: made }));
  await cluster.settle();
  assert.deepEqual(await phases(cluster, "pvc-1", "data"), ["Bound", "Bound"]);
});

test("waits for the first consumer where the class says so", async (t) => {
  const cluster = await testCluster(t, { scheduler: false });
  await cluster.apply(storageClass("local", { volumeBindingMode: "WaitForFirstConsumer" }));
  await cluster.apply(volume("pv", { storageClass: "local" }), claim("data", { storageClassName: "local" }));
  await cluster.settle();
  const text = "waiting for first consumer to be created before binding";
  assert.deepEqual(cluster.events("data"), [`WaitForFirstConsumer PersistentVolumeClaim/data: ${text}`]);
  const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "data" } }];
  await cluster.create(pod("user", { spec: { volumes } as Partial<Pod["spec"]> }));
  await cluster.settle();
  assert.equal(
    cluster.events("data").at(-1),
    "WaitForPodScheduled PersistentVolumeClaim/data: waiting for pod user to be scheduled",
  );
  // what the scheduler does when it has found a node
  await cluster.edit(PersistentVolume, "pv", (pv) => {
    pv.spec.claimRef = { namespace: "default", name: "data" };
  });
  await cluster.settle();
  assert.deepEqual(await phases(cluster, "pv", "data"), ["Bound", "Bound"]);
});

test("a claim without a class gets the default class when there is one at last; one that wants none does not", async (t) => {
  const cluster = await testCluster(t, {});
  await cluster.apply(claim("any"), claim("none", { storageClassName: "" }));
  await cluster.settle();
  const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
  await cluster.apply(storageClass("usual", { metadata: { name: "usual", annotations } }));
  await cluster.apply(claim("later"));
  await cluster.settle();
  const named = async (name: string) => (await cluster.get(PersistentVolumeClaim, name)).spec.storageClassName;
  assert.deepEqual([await named("any"), await named("later"), await named("none")], ["usual", "usual", ""]);
});

test("keeps claims while Pods use them", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(volume("pv"), claim("data"));
  const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "data" } }];
  await cluster.create(pod("user", { spec: { volumes, nodeName: "a" } as Partial<Pod["spec"]> }));
  await cluster.settle();
  await cluster.delete(PersistentVolumeClaim, "data");
  await cluster.settle();
  assert.notEqual((await cluster.get(PersistentVolumeClaim, "data")).metadata.deletionTimestamp, undefined);
  await cluster.delete(Pod, "user");
  await cluster.advance("1m");
  assert.deepEqual(await cluster.list(PersistentVolumeClaim, "default"), []);
  assert.equal((await cluster.get(PersistentVolume, "pv")).status.phase, "Released");
});

test("makes the claims of ephemeral volumes, which go with their Pod", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(volume("pv"));
  const template = { metadata: { labels: { app: "x" } }, spec: claim("").spec };
  const volumes = [{ name: "scratch", ephemeral: { volumeClaimTemplate: template } }];
  await cluster.create(pod("user", { spec: { volumes } as unknown as Partial<Pod["spec"]> }));
  await cluster.settle();
  const made = await cluster.get(PersistentVolumeClaim, "user-scratch");
  assert.equal(made.status.phase, "Bound");
  assert.equal(made.metadata.labels?.app, "x");
  assert.equal(made.metadata.ownerReferences?.[0]?.kind, "Pod");
  await cluster.delete(Pod, "user");
  await cluster.advance("1m");
  assert.deepEqual(await cluster.list(PersistentVolumeClaim, "default"), []);
});

test("matching looks at class, modes, selector, kind of volume and size", () => {
  const available = (name: string, made: VolumeMade = {}) => ({
    ...volume(name, made),
    status: { phase: "Available" },
  });
  const best = (wanted: PersistentVolumeClaim, ...volumes: PersistentVolume[]) =>
    bestVolume(wanted, volumes, false)?.metadata.name;
  const shared = available("shared", { modes: ["ReadWriteOnce", "ReadWriteMany"] });
  const plain = available("plain", { size: "9Gi" });
  assert.equal(best(claim("c"), shared, plain), "plain", "fewest modes first");
  assert.equal(best(claim("c", { accessModes: ["ReadWriteMany"] }), shared, plain), "shared");
  assert.equal(best(claim("c", { storageClassName: "fast" }), plain), undefined);
  assert.equal(best(claim("c", { volumeMode: "Block" }), plain), undefined);
  const gold = available("gold", { labels: { tier: "gold" } });
  assert.equal(best(claim("c", { selector: { matchLabels: { tier: "gold" } } }), plain, gold), "gold");
  assert.equal(whyUnfit(claim("c", { accessModes: ["ReadWriteMany"] }), plain), "incompatible accessMode");
  assert.equal(whyUnfit(claim("c", { storageClassName: "x" }), plain), "storageClassName does not match");
});
