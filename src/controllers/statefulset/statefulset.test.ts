import assert from "node:assert/strict";
import { test } from "node:test";
import { ControllerRevision, StatefulSet } from "../../api/apps/v1/index.ts";
import { Node, PersistentVolumeClaim, Pod } from "../../api/core/v1/index.ts";
import { type Cluster, isReady, pod, statefulSet, testCluster } from "../../testing/index.ts";

const names = (cluster: Cluster, name = "web") => cluster.pods(name).map(({ metadata }) => metadata.name);
const image = ({ spec }: Pod) => spec.containers[0]?.image;
const images = (cluster: Cluster) => cluster.pods("web").map(image);

const claimTemplate = {
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
} as unknown as PersistentVolumeClaim;
type Retention = NonNullable<StatefulSet["spec"]["persistentVolumeClaimRetentionPolicy"]>;
const withClaims = (replicas: number, persistentVolumeClaimRetentionPolicy?: Retention) =>
  statefulSet("web", {
    replicas,
    spec: { volumeClaimTemplates: [claimTemplate], persistentVolumeClaimRetentionPolicy },
  });

test("makes Pods with a name, a number and a host name of their own", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(statefulSet("web", { replicas: 2, spec: { ordinals: { start: 5 } } }));
  await cluster.settle();
  assert.deepEqual(names(cluster), ["web-5", "web-6"]);
  const { metadata, spec } = await cluster.get(Pod, "web-6");
  const { status } = await cluster.get(StatefulSet, "web");
  assert.deepEqual(metadata.labels, {
    app: "web",
    "apps.kubernetes.io/pod-index": "6",
    "statefulset.kubernetes.io/pod-name": "web-6",
    "controller-revision-hash": status.currentRevision,
  });
  assert.equal(metadata.generateName, "web-");
  assert.deepEqual([spec.hostname, spec.subdomain], ["web-6", "web"]);
  assert.ok(
    cluster.events("web").includes("SuccessfulCreate StatefulSet/web: create Pod web-5 in StatefulSet web successful"),
  );
});

test("begins with the first Pod, and with the next when that is ready", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { readyDelay: 10_000 } });
  await cluster.apply(statefulSet("web", { replicas: 3 }));
  await cluster.settle();
  assert.deepEqual(names(cluster), ["web-0"]);
  await cluster.advance("11s");
  assert.deepEqual(names(cluster), ["web-0", "web-1"]);
  await cluster.advance("30s");
  assert.deepEqual(names(cluster), ["web-0", "web-1", "web-2"]);
});

test("waits for minReadySeconds, and counts who is available", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(statefulSet("web", { replicas: 2, spec: { minReadySeconds: 30 } }));
  await cluster.advance("29s");
  assert.deepEqual(names(cluster), ["web-0"]);
  await cluster.advance("2s");
  assert.deepEqual(names(cluster), ["web-0", "web-1"]);
  const counts = async () => {
    const { replicas, readyReplicas, availableReplicas } = (await cluster.get(StatefulSet, "web")).status;
    return [replicas, readyReplicas, availableReplicas];
  };
  assert.deepEqual(await counts(), [2, 2, 1]);
  await cluster.advance("30s");
  assert.deepEqual(await counts(), [2, 2, 2]);
});

test("makes all Pods at once when told to", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { readyDelay: 10_000 } });
  await cluster.apply(statefulSet("web", { replicas: 3, spec: { podManagementPolicy: "Parallel" } }));
  await cluster.settle();
  assert.equal(cluster.pods("web").length, 3);
});

test("a claim is made with its Pod, outlives it, and serves the next of that name", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], scheduler: false });
  await cluster.apply(withClaims(1));
  await cluster.settle();
  const claim = await cluster.get(PersistentVolumeClaim, "data-web-0");
  assert.deepEqual(claim.metadata.labels, { app: "web" });
  assert.equal(claim.metadata.ownerReferences, undefined);
  const volume = (await cluster.get(Pod, "web-0")).spec.volumes?.[0];
  assert.deepEqual(volume, { name: "data", persistentVolumeClaim: { claimName: "data-web-0" } });
  await cluster.delete(Pod, "web-0", { gracePeriodSeconds: 0 });
  await cluster.settle();
  assert.deepEqual(names(cluster), ["web-0"]);
  assert.equal((await cluster.get(PersistentVolumeClaim, "data-web-0")).metadata.uid, claim.metadata.uid);
  assert.ok(
    cluster
      .events("web")
      .includes("SuccessfulCreate StatefulSet/web: create Claim data-web-0 Pod web-0 in StatefulSet web success"),
  );
});

/** The claims that stay, each with the kind of its owner. */
async function claims(cluster: Cluster): Promise<unknown[]> {
  return (await cluster.list(PersistentVolumeClaim, "default"))
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .map(({ metadata }) => [metadata.name, metadata.ownerReferences?.map(({ kind }) => kind).join()]);
}

test("claims go with the set when the policy says so", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], scheduler: false });
  const set = withClaims(2, { whenDeleted: "Delete", whenScaled: "Retain" });
  await cluster.apply({ ...set, spec: { ...set.spec, podManagementPolicy: "Parallel" } });
  await cluster.settle();
  assert.deepEqual(await claims(cluster), [
    ["data-web-0", "StatefulSet"],
    ["data-web-1", "StatefulSet"],
  ]);
  await cluster.delete(StatefulSet, "web", { propagationPolicy: "Background" });
  await cluster.settle();
  assert.deepEqual(await claims(cluster), []);
});

test("claims go with a Pod that is scaled away when the policy says so", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], scheduler: false });
  const set = (replicas: number) => {
    const made = withClaims(replicas, { whenDeleted: "Retain", whenScaled: "Delete" });
    return { ...made, spec: { ...made.spec, podManagementPolicy: "Parallel" } };
  };
  await cluster.apply(set(3));
  await cluster.settle();
  assert.equal((await claims(cluster)).length, 3);
  await cluster.apply(set(1));
  await cluster.settle();
  assert.deepEqual(await claims(cluster), [["data-web-0", undefined]]);
  assert.equal(cluster.pods("web").length, 1);
});

test("what runs is repaired: labels that tell who a Pod is, and who owns its claims", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(statefulSet("web", { replicas: 1 }));
  await cluster.settle();
  await cluster.edit(Pod, "web-0", (p) => {
    delete p.metadata.labels?.["statefulset.kubernetes.io/pod-name"];
  });
  await cluster.settle();
  const { labels } = (await cluster.get(Pod, "web-0")).metadata;
  assert.equal(labels?.["statefulset.kubernetes.io/pod-name"], "web-0");
});

test("an update replaces Pods from the last to the first, one at a time", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { readyDelay: 3000, stopDelay: 2000 } });
  await cluster.apply(statefulSet("web", { replicas: 3 }));
  await cluster.advance("1m");
  await cluster.apply(statefulSet("web", { replicas: 3, image: "example/web:2" }));
  let least = 3;
  const seen: string[] = [];
  await cluster.until(() => {
    const pods = cluster.pods("web");
    least = Math.min(least, pods.filter(isReady).filter(({ metadata }) => !metadata.deletionTimestamp).length);
    const state = pods.map((p) => (image(p) === "example/web:2" ? "2" : "1")).join("");
    if (pods.length === 3 && seen.at(-1) !== state) seen.push(state);
    return state === "222" && pods.every(isReady);
  });
  assert.equal(least, 2);
  assert.deepEqual(seen, ["111", "112", "122", "222"]);
  const { status } = await cluster.get(StatefulSet, "web");
  assert.equal(status.currentRevision, status.updateRevision);
});

test("maxUnavailable lets several Pods be replaced at once", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { readyDelay: 3000, stopDelay: 2000 } });
  const spec = {
    podManagementPolicy: "Parallel",
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2 } },
  };
  await cluster.apply(statefulSet("web", { replicas: 5, spec }));
  await cluster.advance("1m");
  await cluster.apply(statefulSet("web", { replicas: 5, image: "example/web:2", spec }));
  let least = 5;
  await cluster.until(() => {
    const sound = cluster.pods("web").filter((p) => isReady(p) && !p.metadata.deletionTimestamp);
    least = Math.min(least, sound.length);
    return sound.length === 5 && sound.every((p) => image(p) === "example/web:2");
  });
  assert.equal(least, 3);
});

test("with OnDelete, only a Pod that somebody deletes comes back new", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const spec = { updateStrategy: { type: "OnDelete" } };
  await cluster.apply(statefulSet("web", { replicas: 2, spec }));
  await cluster.settle();
  await cluster.apply(statefulSet("web", { replicas: 2, image: "example/web:2", spec }));
  await cluster.settle();
  assert.deepEqual(images(cluster), ["example/web:1", "example/web:1"]);
  await cluster.delete(Pod, "web-0");
  await cluster.advance("1m");
  assert.deepEqual(images(cluster), ["example/web:2", "example/web:1"]);
});

test("a Pod that never becomes ready holds an update up, also after the template is mended, until it is deleted", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(statefulSet("web", { replicas: 2 }));
  await cluster.settle();
  const broken = { "simulation.coxswain.dev/image-missing": "true" };
  await cluster.apply(statefulSet("web", { replicas: 2, image: "example/web:bad", annotations: broken }));
  await cluster.advance("5m");
  assert.deepEqual(images(cluster), ["example/web:1", "example/web:bad"]);
  await cluster.apply(statefulSet("web", { replicas: 2 }));
  await cluster.advance("5m");
  assert.deepEqual(images(cluster), ["example/web:1", "example/web:bad"]);
  await cluster.delete(Pod, "web-1");
  await cluster.advance("1m");
  assert.deepEqual(images(cluster), ["example/web:1", "example/web:1"]);
  assert.ok(cluster.pods("web").every(isReady));
});

test("keeps as many revisions as asked for, and finds an old one again", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const at = (version: number) =>
    statefulSet("web", { image: `example/web:${version}`, spec: { revisionHistoryLimit: 1 } });
  for (const version of [1, 2, 3, 4]) {
    await cluster.apply(at(version));
    await cluster.advance("1m");
  }
  const numbers = async () => (await cluster.list(ControllerRevision)).map(({ revision }) => revision).sort();
  assert.deepEqual(await numbers(), [3, 4]);
  await cluster.apply(at(3));
  await cluster.advance("1m");
  assert.deepEqual(await numbers(), [4, 5]);
  assert.deepEqual(images(cluster), ["example/web:3"]);
});

test("an identity is never twice alive: a Pod on a silent node is not replaced before it is gone", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.apply(statefulSet("web", { replicas: 2 }));
  await cluster.settle();
  const [first] = cluster.pods("web");
  cluster.silence(first!.spec.nodeName!);
  await cluster.advance("30m");
  const still = await cluster.get(Pod, "web-0");
  assert.equal(still.metadata.uid, first!.metadata.uid);
  assert.ok(still.metadata.deletionTimestamp, "it is to go, but nobody has said that it has");
  await cluster.delete(Node, first!.spec.nodeName!);
  await cluster.advance("5m");
  const next = await cluster.get(Pod, "web-0");
  assert.notEqual(next.metadata.uid, first!.metadata.uid);
  assert.ok(isReady(next));
});

test("a Pod that has the name already is adopted when it matches, and waited for when it does not", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(pod("web-0", { app: "web" }));
  await cluster.create(pod("web-1", { app: "other" }));
  await cluster.apply(statefulSet("web", { replicas: 2 }));
  await cluster.advance("10s");
  const set = await cluster.get(StatefulSet, "web");
  const owner = async (name: string) => (await cluster.get(Pod, name)).metadata.ownerReferences?.[0]?.uid;
  assert.equal(await owner("web-0"), set.metadata.uid);
  assert.equal(await owner("web-1"), undefined);
  await cluster.delete(Pod, "web-1");
  await cluster.advance("1m");
  assert.equal(await owner("web-1"), set.metadata.uid);
});

test("a Pod that has ended is made anew", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(statefulSet("web", { replicas: 1 }));
  await cluster.settle();
  const [first] = cluster.pods("web");
  await cluster.client.updateStatus(Pod, { ...first!, status: { ...first!.status, phase: "Failed" } });
  await cluster.settle();
  const [next] = cluster.pods("web");
  assert.notEqual(next?.metadata.uid, first?.metadata.uid);
  assert.ok(isReady(next!));
  assert.match(
    cluster.events("web").join("\n"),
    /RecreatingFailedPod StatefulSet\/web: StatefulSet default\/web is recreating failed Pod web-0/,
  );
});

test("a Pod that its node refuses again and again is made anew ever more slowly", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(statefulSet("web", { replicas: 1 }));
  await cluster.settle();
  const fail = async () => {
    const [one] = cluster.pods("web");
    await cluster.client.updateStatus(Pod, { ...one!, status: { ...one!.status, phase: "Failed" } });
    await cluster.settle();
    return one!.metadata.uid;
  };
  const uid = () => cluster.pods("web")[0]?.metadata.uid;
  assert.notEqual(await fail(), uid());
  const second = await fail();
  assert.equal(uid(), second);
  await cluster.advance("1100ms");
  assert.notEqual(uid(), second);
});
