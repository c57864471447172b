/** Sentences of Kubernetes' conformance suite about StatefulSets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { StatefulSet, type StatefulSetCondition } from "../../api/apps/v1/index.ts";
import { Pod } from "../../api/core/v1/index.ts";
import {
  type Cluster,
  isReady,
  pod,
  scaleOf,
  service,
  statefulSet,
  testCluster,
  witness,
} from "../../testing/index.ts";

const AT = { namespace: "default" };
const REVISION = "controller-revision-hash";
const image = ({ spec }: Pod) => spec.containers[0]?.image;
const names = (cluster: Cluster) => cluster.pods("ss2").map(({ metadata }) => metadata.name);
const revisions = (cluster: Cluster) => cluster.pods("ss2").map(({ metadata }) => metadata.labels?.[REVISION]);
const statusOf = async (cluster: Cluster) => (await cluster.get(StatefulSet, "ss2")).status;

/** What a failing, or again passing, readiness probe makes of a Pod. */
async function setReady(cluster: Cluster, name: string, ready: boolean): Promise<void> {
  const live = structuredClone(await cluster.get(Pod, name));
  const condition = live.status.conditions!.find(({ type }) => type === "Ready")!;
  condition.status = ready ? "True" : "False";
  await cluster.client.updateStatus(Pod, live);
  await cluster.settle();
}

async function allReady(cluster: Cluster, count: number): Promise<void> {
  await cluster.until(() => {
    const pods = cluster.pods("ss2").filter(({ metadata }) => !metadata.deletionTimestamp);
    return pods.length === count && pods.every(isReady);
  });
  await cluster.settle();
}

async function setImage(cluster: Cluster, to: string): Promise<void> {
  await cluster.edit(StatefulSet, "ss2", (set) => {
    set.spec.template.spec.containers[0]!.image = to;
  });
  await cluster.settle();
}

test("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform rolling updates and roll backs of template modifications [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { readyDelay: 2000 } });
  await cluster.apply(service("test"), statefulSet("ss2", { replicas: 3 }));
  await allReady(cluster, 3);
  const { currentRevision: first, updateRevision } = await statusOf(cluster);
  assert.equal(first, updateRevision);
  assert.deepEqual(revisions(cluster), [first, first, first]);
  await setReady(cluster, "ss2-1", false);
  await setImage(cluster, "example/web:2");
  const during = await statusOf(cluster);
  assert.equal(during.currentRevision, first);
  assert.notEqual(during.updateRevision, first);
  // a Pod that is not ready holds the update up
  await cluster.advance("30s");
  assert.deepEqual(revisions(cluster), [first, first, first]);
  await setReady(cluster, "ss2-1", true);
  const second = during.updateRevision;
  await cluster.until(() => cluster.pods("ss2").length === 3 && revisions(cluster).every((hash) => hash === second));
  await allReady(cluster, 3);
  assert.equal((await statusOf(cluster)).currentRevision, second);
  // back again: the earlier revision is found, none is made
  await setImage(cluster, "example/web:1");
  assert.equal((await statusOf(cluster)).updateRevision, first);
  await cluster.until(() => cluster.pods("ss2").length === 3 && revisions(cluster).every((hash) => hash === first));
  await allReady(cluster, 3);
  assert.equal((await statusOf(cluster)).currentRevision, first);
});

test("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform canary updates and phased rolling updates of template modifications [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const at = (partition: number, image = "example/web:1") =>
    statefulSet("ss2", {
      replicas: 3,
      image,
      spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition } } },
    });
  const images = () => cluster.pods("ss2").map(image);
  await cluster.apply(at(3));
  await allReady(cluster, 3);
  const { currentRevision: first } = await statusOf(cluster);
  await cluster.apply(at(3, "example/web:2"));
  await cluster.advance("1m");
  assert.notEqual((await statusOf(cluster)).updateRevision, first);
  assert.deepEqual(images(), ["example/web:1", "example/web:1", "example/web:1"]);
  // a canary: the last Pod only
  await cluster.apply(at(2, "example/web:2"));
  await cluster.advance("1m");
  assert.deepEqual(images(), ["example/web:1", "example/web:1", "example/web:2"]);
  // Pods that are deleted come back as they were
  for (const name of ["ss2-0", "ss2-2"]) {
    await cluster.delete(Pod, name);
    await cluster.advance("1m");
    assert.deepEqual(images(), ["example/web:1", "example/web:1", "example/web:2"]);
  }
  // in phases
  await cluster.apply(at(1, "example/web:2"));
  await cluster.advance("1m");
  assert.deepEqual(images(), ["example/web:1", "example/web:2", "example/web:2"]);
  await cluster.apply(at(0, "example/web:2"));
  await cluster.advance("1m");
  assert.deepEqual(images(), ["example/web:2", "example/web:2", "example/web:2"]);
  const { currentRevision, updateRevision } = await statusOf(cluster);
  assert.equal(currentRevision, updateRevision);
});

test("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Scaling should happen in predictable order and halt if any stateful pod is unhealthy [Slow] [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { readyDelay: 1000 } });
  const seen = await witness(t, cluster, Pod, { ...AT, labelSelector: "app=ss2" });
  const order = (type: "ADDED" | "DELETED") =>
    seen.events.filter((event) => event.type === type).map((event) => event.object.metadata.name);
  await cluster.apply(statefulSet("ss2", { replicas: 1 }));
  await allReady(cluster, 1);
  await setReady(cluster, "ss2-0", false);
  await scaleOf(cluster, StatefulSet, "ss2").patch(3);
  await cluster.advance("1m");
  assert.deepEqual(names(cluster), ["ss2-0"]);
  await setReady(cluster, "ss2-0", true);
  await allReady(cluster, 3);
  assert.deepEqual(order("ADDED"), ["ss2-0", "ss2-1", "ss2-2"]);
  // and down again
  for (const name of names(cluster)) await setReady(cluster, name!, false);
  await scaleOf(cluster, StatefulSet, "ss2").patch(0);
  await cluster.advance("1m");
  assert.deepEqual(names(cluster), ["ss2-0", "ss2-1", "ss2-2"]);
  for (const name of ["ss2-0", "ss2-1"]) await setReady(cluster, name, true); // the last may go as it is
  await cluster.until(() => cluster.pods("ss2").length === 0);
  assert.deepEqual(order("DELETED"), ["ss2-2", "ss2-1", "ss2-0"]);
});

test("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Burst scaling should run to completion even with unhealthy pods [Slow] [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(statefulSet("ss2", { replicas: 1, spec: { podManagementPolicy: "Parallel" } }));
  await allReady(cluster, 1);
  await setReady(cluster, "ss2-0", false);
  await scaleOf(cluster, StatefulSet, "ss2").patch(3);
  await cluster.advance("10s");
  assert.deepEqual(names(cluster), ["ss2-0", "ss2-1", "ss2-2"]);
  await setReady(cluster, "ss2-0", true);
  await allReady(cluster, 3);
  await setReady(cluster, "ss2-0", false);
  await scaleOf(cluster, StatefulSet, "ss2").patch(0);
  await cluster.until(() => cluster.pods("ss2").length === 0, "1m");
  assert.equal((await statusOf(cluster)).replicas, 0);
});

test("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Should recreate evicted statefulset [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const seen = await witness(t, cluster, Pod, { ...AT, labelSelector: "app=ss2" });
  const ports = [{ name: "conflict", containerPort: 21017, hostPort: 21017 }];
  const blocker = pod("test-pod");
  Object.assign(blocker.spec, { nodeName: "a" });
  blocker.spec.containers[0]!.ports = ports as never;
  await cluster.create(blocker);
  const set = statefulSet("ss2", { replicas: 1 });
  Object.assign(set.spec.template.spec, { nodeName: "a" });
  set.spec.template.spec.containers[0]!.ports = ports as never;
  await cluster.apply(set);
  await cluster.settle();
  // The node refuses a Pod whose port is taken: it fails, and is made anew, for as long as that is so.
  for (let round = 0; round < 2; round++) {
    const live = await cluster.get(Pod, "ss2-0");
    const refused = { ...live.status, phase: "Failed", reason: "NodePorts", message: "Predicate NodePorts failed" };
    await cluster.client.updateStatus(Pod, { ...live, status: refused });
    await cluster.advance("1s");
  }
  await cluster.delete(Pod, "test-pod");
  await cluster.advance("1m");
  assert.ok(seen.events.filter(({ type }) => type === "DELETED").length >= 2, "it was deleted and made anew");
  const [last] = cluster.pods("ss2");
  assert.equal(last?.status.phase, "Running");
});

test("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should have a working scale subresource [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(statefulSet("ss2", { replicas: 1 }));
  await allReady(cluster, 1);
  const scale = scaleOf(cluster, StatefulSet, "ss2");
  const found = structuredClone(await scale.get());
  assert.deepEqual([found.spec.replicas, found.status.replicas], [1, 1]);
  found.metadata.resourceVersion = "";
  found.spec.replicas = 2;
  assert.equal((await scale.update(found)).spec.replicas, 2);
  assert.equal((await cluster.get(StatefulSet, "ss2")).spec.replicas, 2);
  assert.equal((await scale.patch(4)).spec.replicas, 4);
  assert.equal((await cluster.get(StatefulSet, "ss2")).spec.replicas, 4);
  await allReady(cluster, 4);
});

test("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should list, patch and delete a collection of StatefulSets [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const { client } = cluster;
  const labelSelector = "e2e=test-ss";
  const made = statefulSet("ss2", { replicas: 1 });
  await cluster.create({ ...made, metadata: { ...made.metadata, labels: { e2e: "test-ss" } } });
  await allReady(cluster, 1);
  const list = async () => (await client.list(StatefulSet, { ...AT, labelSelector })).items;
  assert.equal((await list()).length, 1);
  await client.patch(StatefulSet, { ...AT, name: "ss2" }, "strategic", {
    metadata: { labels: { ss2: "patched" } },
    spec: {
      replicas: 2,
      template: {
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "main", image: "example/pause:1" }] },
      },
    },
  });
  const [patched] = await list();
  assert.equal(patched?.metadata.labels?.ss2, "patched");
  assert.equal(patched?.spec.replicas, 2);
  assert.equal(patched?.spec.template.spec.containers[0]?.image, "example/pause:1");
  await cluster.until(async () => (await statusOf(cluster)).readyReplicas === 2);
  await client.deleteCollection(StatefulSet, { ...AT, labelSelector });
  await cluster.settle();
  assert.equal((await list()).length, 0);
});

test("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should validate Statefulset Status endpoints [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const { client } = cluster;
  const key = { ...AT, name: "ss2" };
  const seen = await witness(t, cluster, StatefulSet);
  await cluster.apply(statefulSet("ss2", { replicas: 1 }));
  await allReady(cluster, 1);
  const live = structuredClone(await client.get(StatefulSet, key, { subresource: "status" }));
  assert.equal(live.status.readyReplicas, 1);
  const condition = { type: "StatusUpdate", status: "True", reason: "E2E", message: "Set from e2e test" };
  live.status.conditions = [...(live.status.conditions ?? []), condition as StatefulSetCondition];
  await client.updateStatus(StatefulSet, live);
  await cluster.settle();
  const has = (type: string) => (set: StatefulSet) =>
    set.status.conditions?.some((c) => c.type === type && c.status === "True") === true;
  assert.ok(seen.saw("MODIFIED", has("StatusUpdate")));
  const patch = { status: { conditions: [{ type: "StatusPatched", status: "True" }] } };
  await client.patch(StatefulSet, key, "merge", patch, { subresource: "status" });
  await cluster.settle();
  assert.ok(seen.saw("MODIFIED", has("StatusPatched")));
  assert.ok(has("StatusPatched")(await client.get(StatefulSet, key)));
});
