/** Sentences of Kubernetes' conformance suite about DaemonSets and their ControllerRevisions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ControllerRevision, DaemonSet, type DaemonSetCondition } from "../../api/apps/v1/index.ts";
import { Node, Pod } from "../../api/core/v1/index.ts";
import { type Cluster, daemonSet, isReady, testCluster, witness } from "../../testing/index.ts";

const AT = { namespace: "default" };
const HASH = "controller-revision-hash";
const NAME = "daemon-set";
const NODES = ["a", "b"];
const image = ({ spec }: Pod) => spec.containers[0]?.image;
const daemons = (cluster: Cluster) =>
  cluster.pods(NAME).filter(({ metadata, status }) => !metadata.deletionTimestamp && status.phase !== "Failed");
const nodesOf = (cluster: Cluster) =>
  daemons(cluster)
    .filter(isReady)
    .map(({ spec }) => spec.nodeName)
    .sort();
const runsOn = (cluster: Cluster, nodes: readonly string[]) => nodesOf(cluster).join() === nodes.join();
const labelled = (labels: Record<string, string>) => {
  const made = daemonSet(NAME);
  return { ...made, metadata: { ...made.metadata, labels } };
};

test("[sig-apps] Daemon set [Serial] should run and stop simple daemon [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: NODES });
  await cluster.create(daemonSet(NAME));
  await cluster.until(() => runsOn(cluster, NODES));
  const [first] = daemons(cluster);
  await cluster.delete(Pod, first!.metadata.name!);
  await cluster.advance("1m");
  assert.ok(runsOn(cluster, NODES));
  assert.ok(daemons(cluster).every(({ metadata }) => metadata.uid !== first!.metadata.uid));
  await cluster.delete(DaemonSet, NAME);
  await cluster.advance("1m");
  assert.equal(cluster.pods(NAME).length, 0);
});

test("[sig-apps] Daemon set [Serial] should run and stop complex daemon [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: NODES });
  const color = (value: string | null) =>
    cluster.client.patch(Node, { name: "a" }, "strategic", { metadata: { labels: { "daemonset-color": value } } });
  const complex = daemonSet(NAME);
  complex.spec.template.spec.nodeSelector = { "daemonset-color": "blue" };
  await cluster.create(complex);
  await cluster.settle();
  assert.ok(runsOn(cluster, []));
  await color("blue");
  await cluster.until(() => runsOn(cluster, ["a"]), "1m");
  const { status } = await cluster.get(DaemonSet, NAME);
  assert.deepEqual([status.desiredNumberScheduled, status.currentNumberScheduled], [1, 1]);
  await color("green");
  await cluster.until(() => runsOn(cluster, []), "1m");
  await cluster.client.patch(DaemonSet, { ...AT, name: NAME }, "strategic", {
    spec: {
      template: { spec: { nodeSelector: { "daemonset-color": "green" } } },
      updateStrategy: { type: "RollingUpdate" },
    },
  });
  await cluster.until(() => runsOn(cluster, ["a"]), "1m");
});

test("[sig-apps] Daemon set [Serial] should retry creating failed daemon pods [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: NODES });
  await cluster.create(daemonSet(NAME));
  await cluster.until(() => runsOn(cluster, NODES));
  const [first] = daemons(cluster);
  await cluster.client.updateStatus(Pod, { ...first!, status: { ...first!.status, phase: "Failed" } });
  await cluster.until(() => runsOn(cluster, NODES), "1m");
  await cluster.until(() => cluster.pods(NAME).every(({ metadata }) => metadata.uid !== first!.metadata.uid), "1m");
});

test("[sig-apps] Daemon set [Serial] should update pod when spec was updated and update strategy is RollingUpdate [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: NODES });
  const revisions = async () =>
    (await cluster.client.list(ControllerRevision, { ...AT, labelSelector: `app=${NAME}` })).items;
  await cluster.create(daemonSet(NAME, { spec: { updateStrategy: { type: "RollingUpdate" } } }));
  await cluster.until(() => runsOn(cluster, NODES));
  const [first] = await revisions();
  assert.equal(first?.revision, 1);
  assert.ok(daemons(cluster).every(({ metadata }) => metadata.labels?.[HASH] === first?.metadata.labels?.[HASH]));
  await cluster.client.patch(DaemonSet, { ...AT, name: NAME }, "strategic", {
    spec: { template: { spec: { containers: [{ name: "main", image: "example/new:2" }] } } },
  });
  await cluster.until(() => runsOn(cluster, NODES) && daemons(cluster).every((p) => image(p) === "example/new:2"));
  const second = (await revisions()).find(({ revision }) => revision === 2);
  assert.ok(daemons(cluster).every(({ metadata }) => metadata.labels?.[HASH] === second?.metadata.labels?.[HASH]));
});

test("[sig-apps] Daemon set [Serial] should rollback without unnecessary restarts [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: NODES });
  await cluster.create(daemonSet(NAME, { spec: { updateStrategy: { type: "RollingUpdate" } } }));
  await cluster.until(() => runsOn(cluster, NODES));
  const before = new Set(daemons(cluster).map(({ metadata }) => metadata.uid));
  const none = { "simulation.coxswain.dev/image-missing": "true" };
  const update = (image: string, annotations: Record<string, string>) =>
    cluster.edit(DaemonSet, NAME, (set) => {
      set.spec.template.spec.containers[0]!.image = image;
      set.spec.template.metadata.annotations = annotations;
    });
  await update("foo:non-existent", none);
  await cluster.until(() => daemons(cluster).some((p) => image(p) === "foo:non-existent"));
  const untouched = daemons(cluster).filter(({ metadata }) => before.has(metadata.uid));
  assert.equal(untouched.length, 1);
  await update("example/web:1", {});
  await cluster.until(() => runsOn(cluster, NODES) && daemons(cluster).every((p) => image(p) === "example/web:1"));
  const after = new Set(daemons(cluster).map(({ metadata }) => metadata.uid));
  assert.ok(untouched.every(({ metadata }) => after.has(metadata.uid)));
});

test("[sig-apps] Daemon set [Serial] should list and delete a collection of DaemonSets [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: NODES });
  const labelSelector = `daemonset-name=${NAME}`;
  await cluster.create(labelled({ "daemonset-name": NAME }));
  await cluster.until(() => runsOn(cluster, NODES));
  const list = async () => (await cluster.client.list(DaemonSet, { ...AT, labelSelector })).items.length;
  assert.equal(await list(), 1);
  await cluster.client.deleteCollection(DaemonSet, { ...AT, labelSelector });
  await cluster.settle();
  assert.equal(await list(), 0);
});

test("[sig-apps] Daemon set [Serial] should verify changes to a daemon set status [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: NODES });
  const { client } = cluster;
  const key = { ...AT, name: NAME };
  const seen = await witness(t, cluster, DaemonSet);
  await cluster.create(daemonSet(NAME));
  await cluster.until(() => runsOn(cluster, NODES));
  const live = structuredClone(await client.get(DaemonSet, key, { subresource: "status" }));
  assert.equal(live.status.numberReady, 2);
  const condition = { type: "StatusUpdate", status: "True", reason: "E2E", message: "Set from e2e test" };
  live.status.conditions = [...(live.status.conditions ?? []), condition as DaemonSetCondition];
  await client.updateStatus(DaemonSet, live);
  await cluster.settle();
  const has = (type: string) => (set: DaemonSet) =>
    set.status.conditions?.some((c) => c.type === type && c.status === "True") === true;
  assert.ok(seen.saw("MODIFIED", has("StatusUpdate")));
  const patch = { status: { conditions: [{ type: "StatusPatched", status: "True" }] } };
  await client.patch(DaemonSet, key, "merge", patch, { subresource: "status" });
  await cluster.settle();
  assert.ok(seen.saw("MODIFIED", has("StatusPatched")));
  assert.ok(has("StatusPatched")(await client.get(DaemonSet, key)));
});

test("[sig-apps] ControllerRevision [Serial] should manage the lifecycle of a ControllerRevision [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: NODES });
  const { client } = cluster;
  const labels = { "daemonset-name": NAME };
  const labelSelector = `daemonset-name=${NAME}`;
  const set = labelled(labels);
  Object.assign(set.spec.template.metadata.labels!, labels);
  await cluster.create(set);
  await cluster.until(() => runsOn(cluster, NODES));
  const list = async () => (await client.list(ControllerRevision, { labelSelector })).items;
  assert.equal((await list()).length, 1);
  const [initial] = await list();
  const before = daemons(cluster).map((p) => p.metadata.uid);
  const key = { ...AT, name: initial!.metadata.name! };

  const patched = await client.patch(ControllerRevision, key, "strategic", {
    metadata: { labels: { [key.name]: "patched" } },
  });
  assert.equal(patched.metadata.labels?.[key.name], "patched");

  const { metadata, data } = initial!;
  const another = `${NAME}-other`;
  await client.create(ControllerRevision, {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      ...AT,
      name: another,
      labels: { ...metadata.labels, [HASH]: "other" },
      ownerReferences: metadata.ownerReferences,
    },
    data,
    revision: initial!.revision + 1,
  });
  assert.equal((await list()).length, 2);
  await client.delete(ControllerRevision, key);
  await cluster.settle();
  assert.deepEqual(
    (await list()).map((revision) => revision.metadata.name),
    [another],
  );

  await cluster.advance("1m");
  assert.deepEqual(
    daemons(cluster).map((p) => p.metadata.uid),
    before,
    "the same template under another name restarts nothing",
  );
  const [remaining] = structuredClone(await list());
  remaining!.metadata.labels![another] = "updated";
  const updated = await client.update(ControllerRevision, remaining!);
  assert.equal(updated.metadata.labels?.[another], "updated");

  await client.patch(DaemonSet, { ...AT, name: NAME }, "strategic", {
    spec: {
      template: {
        spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "main", image: "example/pause:1" }] },
      },
    },
  });
  await cluster.advance("1m");
  assert.equal((await list()).length, 2);
  await client.deleteCollection(ControllerRevision, { ...AT, labelSelector: `${another}=updated` });
  await cluster.settle();
  const left = await list();
  assert.equal(left.length, 1);
  assert.equal(left[0]?.revision, 3);
});
