/** Sentences of Kubernetes' conformance suite about Deployments. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Deployment, type DeploymentCondition, ReplicaSet } from "../../api/apps/v1/index.ts";
import type { Pod } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { type Cluster, deployment, isReady, replicaSet, scaleOf, testCluster, witness } from "../../testing/index.ts";

const AT = { namespace: "default" };
const REVISION = "deployment.kubernetes.io/revision";
const image = ({ spec }: Pod) => spec.containers[0]?.image;
const isDone = ({ metadata, spec, status }: Deployment): boolean =>
  status.updatedReplicas === spec.replicas &&
  status.replicas === spec.replicas &&
  status.availableReplicas === spec.replicas &&
  (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
const done = async (cluster: Cluster, name: string) => isDone(await cluster.get(Deployment, name));

test("[sig-apps] Deployment Deployment should have a working scale subresource [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(deployment("test-new-deployment", { replicas: 1 }));
  await cluster.until(() => done(cluster, "test-new-deployment"));
  const scale = scaleOf(cluster, Deployment, "test-new-deployment");
  const found = structuredClone(await scale.get());
  assert.deepEqual([found.spec.replicas, found.status.replicas], [1, 1]);
  found.metadata.resourceVersion = "";
  found.spec.replicas = 2;
  assert.equal((await scale.update(found)).spec.replicas, 2);
  assert.equal((await cluster.get(Deployment, "test-new-deployment")).spec.replicas, 2);
  assert.equal((await scale.patch(4)).spec.replicas, 4);
  assert.equal((await cluster.get(Deployment, "test-new-deployment")).spec.replicas, 4);
  await cluster.until(() => done(cluster, "test-new-deployment"));
});

test("[sig-apps] Deployment RecreateDeployment should delete old pods and create new ones [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { stopDelay: 3000, readyDelay: 2000 } });
  const spec = { strategy: { type: "Recreate" } };
  await cluster.create(deployment("test-recreate", { replicas: 1, spec }));
  await cluster.until(() => done(cluster, "test-recreate"));
  await cluster.edit(Deployment, "test-recreate", (d) => {
    d.spec.template.spec.containers[0]!.image = "example/new:2";
  });
  await cluster.until(async () => {
    // never is an old Pod there together with a new one
    assert.ok(new Set(cluster.pods("test-recreate").map(image)).size <= 1);
    return done(cluster, "test-recreate");
  });
  assert.deepEqual(cluster.pods("test-recreate").map(image), ["example/new:2"]);
});

test("[sig-apps] Deployment RollingUpdateDeployment should delete old pods and create new ones [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const old = replicaSet("sample-pod", { replicas: 1 });
  const annotations = { [REVISION]: "3546343826724305832" };
  await cluster.create({
    ...old,
    metadata: { ...old.metadata, name: "test-rolling-update-controller", labels: { app: "sample-pod" }, annotations },
  });
  await cluster.settle();
  assert.equal(cluster.pods("test-rolling-update-controller").filter(isReady).length, 1);
  const made = deployment("sample-pod", { replicas: 1, image: "example/new:2" });
  await cluster.create({ ...made, metadata: { ...made.metadata, name: "test-rolling-update-deployment" } });
  await cluster.until(() => done(cluster, "test-rolling-update-deployment"));
  const { metadata } = await cluster.get(Deployment, "test-rolling-update-deployment");
  assert.equal(metadata.annotations?.[REVISION], "3546343826724305833");
  await cluster.advance("1m");
  assert.deepEqual(cluster.pods().map(image), ["example/new:2"]);
  const sets = await cluster.list(ReplicaSet);
  assert.deepEqual(sets.map(({ spec }) => spec.replicas).sort(), [0, 1]);
  assert.ok(sets.every((set) => set.metadata.ownerReferences?.[0]?.uid === metadata.uid));
});

test("[sig-apps] Deployment deployment should delete old replica sets [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const old = replicaSet("cleanup-pod", { replicas: 1 });
  await cluster.create({
    ...old,
    metadata: { ...old.metadata, name: "test-cleanup-controller", labels: { app: "cleanup-pod" } },
  });
  await cluster.settle();
  const seen = await witness(t, cluster, ReplicaSet);
  const made = deployment("cleanup-pod", { image: "example/new:2", spec: { revisionHistoryLimit: 0 } });
  await cluster.create({ ...made, metadata: { ...made.metadata, name: "test-cleanup-deployment" } });
  await cluster.until(() => seen.saw("DELETED", ({ metadata }) => metadata.name === "test-cleanup-controller"));
  assert.equal((await cluster.list(ReplicaSet)).length, 1);
});

test("[sig-apps] Deployment deployment should support rollover [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { readyDelay: 1000 } });
  const old = replicaSet("rollover-pod", { replicas: 1 });
  await cluster.create({
    ...old,
    metadata: { ...old.metadata, name: "test-rollover-controller", labels: { app: "rollover-pod" } },
  });
  await cluster.advance("12s");
  const name = "test-rollover-deployment";
  const strategy = { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
  const annotations = { "simulation.coxswain.dev/image-missing": "true" };
  const made = deployment("rollover-pod", {
    image: "example/none:1",
    annotations,
    spec: { minReadySeconds: 10, strategy },
  });
  await cluster.create({ ...made, metadata: { ...made.metadata, name } });
  await cluster.advance("5s");
  const first = (await cluster.list(ReplicaSet)).find(({ metadata }) => metadata.name?.startsWith(name));
  assert.equal(first?.spec.replicas, 1);
  await cluster.edit(Deployment, name, (d) => {
    d.spec.template.spec.containers[0]!.image = "example/new:2";
    d.spec.template.metadata.annotations = {};
  });
  await cluster.settle();
  assert.equal((await cluster.get(Deployment, name)).metadata.annotations?.[REVISION], "2");
  await cluster.until(() => done(cluster, name), "5m");
  await cluster.advance("1m");
  const sizes = (await cluster.list(ReplicaSet)).map(({ spec }) => spec.replicas).sort();
  assert.deepEqual(sizes, [0, 0, 1]);
  assert.deepEqual(cluster.pods().map(image), ["example/new:2"]);
});

test("[sig-apps] Deployment deployment should support proportional scaling [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } };
  await cluster.create(deployment("webserver-deployment", { replicas: 10, spec: { strategy } }));
  await cluster.until(() => done(cluster, "webserver-deployment"));
  await cluster.edit(Deployment, "webserver-deployment", (d) => {
    d.spec.template.spec.containers[0]!.image = "webserver:404";
    d.spec.template.metadata.annotations = { "simulation.coxswain.dev/image-missing": "true" };
  });
  await cluster.advance("30s");
  const sizes = async () => {
    const sets = await cluster.list(ReplicaSet);
    const of = (name: string) =>
      sets.find((set) => (set.spec.template?.spec.containers[0]?.image === "webserver:404") === (name === "new"));
    return [of("old")?.spec.replicas, of("new")?.spec.replicas, of("old")?.status.availableReplicas];
  };
  // the first rollout has its most Pods, and is short of as many as it may be
  assert.deepEqual(await sizes(), [8, 5, 8]);
  const deploymentNow = await cluster.get(Deployment, "webserver-deployment");
  assert.equal(deploymentNow.status.availableReplicas, 8);
  await cluster.edit(Deployment, "webserver-deployment", (d) => {
    d.spec.replicas = 30;
  });
  await cluster.advance("30s");
  // 20 more, in proportion: 12 for the 8 of old, 8 for the 5 of new
  assert.deepEqual(await sizes(), [20, 13, 20]);
});

test("[sig-apps] Deployment should run the lifecycle of a Deployment [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  const { client } = cluster;
  const labelSelector = "test-deployment-static=true";
  const key = { ...AT, name: "test-deployment" };
  const seen = await witness(t, cluster, Deployment, { ...AT, labelSelector });
  const made = deployment("test-deployment", { replicas: 2 });
  const labels = { "test-deployment-static": "true" };
  await cluster.create({ ...made, metadata: { ...made.metadata, labels } });
  await cluster.settle();
  assert.ok(seen.saw("ADDED", ({ metadata }) => metadata.name === "test-deployment"));
  assert.ok(seen.saw("MODIFIED", ({ status }) => status.availableReplicas === 2 && status.readyReplicas === 2));

  const containers = [{ name: "main", image: "example/patched:1", command: ["/bin/sleep", "100000"] }];
  await client.patch(Deployment, key, "strategic", {
    metadata: { labels: { "test-deployment": "patched" } },
    spec: { replicas: 1, template: { spec: { terminationGracePeriodSeconds: 0, containers } } },
  });
  await cluster.until(() => seen.saw("MODIFIED", ({ metadata }) => metadata.labels?.["test-deployment"] === "patched"));
  await cluster.until(async () => (await client.get(Deployment, key)).status.readyReplicas === 1);
  const listed = await client.list(Deployment, { labelSelector });
  assert.deepEqual(
    listed.items.map(({ metadata }) => metadata.name),
    ["test-deployment"],
  );

  const live = structuredClone(await client.get(Deployment, key));
  live.spec.replicas = 2;
  live.spec.template.spec.containers[0]!.image = "example/updated:1";
  live.metadata.labels!["test-deployment"] = "updated";
  await client.update(Deployment, live);
  await cluster.until(async () => (await client.get(Deployment, key)).status.readyReplicas === 2);

  const status = await client.get(Deployment, key, { subresource: "status" });
  assert.equal(status.status.readyReplicas, 2);
  const patch = { status: { readyReplicas: 0, availableReplicas: 0 } };
  const patched = await client.patch(Deployment, key, "strategic", patch, { subresource: "status" });
  assert.ok(!patched.status.readyReplicas);
  await cluster.advance("30s");
  assert.ok(seen.saw("MODIFIED", (d) => !d.status.readyReplicas));

  await client.deleteCollection(Deployment, { ...AT, labelSelector });
  await cluster.settle();
  assert.ok(seen.saw("DELETED", ({ metadata }) => metadata.name === "test-deployment"));
  await assert.rejects(client.get(Deployment, key), isNotFound);
});

test("[sig-apps] Deployment should validate Deployment Status endpoints [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const { client } = cluster;
  const key = { ...AT, name: "test-deployment" };
  const seen = await witness(t, cluster, Deployment);
  await cluster.create(deployment("test-deployment", { replicas: 1 }));
  await cluster.until(() => done(cluster, "test-deployment"));
  const live = structuredClone(await client.get(Deployment, key, { subresource: "status" }));
  const condition = { type: "StatusUpdate", status: "True", reason: "E2E", message: "Set from e2e test" };
  live.status.conditions = [...(live.status.conditions ?? []), condition as DeploymentCondition];
  await client.updateStatus(Deployment, live);
  await cluster.settle();
  const has = (type: string) => (d: Deployment) =>
    d.status.conditions?.some((c) => c.type === type && c.status === "True") === true;
  assert.ok(seen.saw("MODIFIED", has("StatusUpdate")));
  const patch = { status: { conditions: [{ type: "StatusPatched", status: "True" }] } };
  await client.patch(Deployment, key, "merge", patch, { subresource: "status" });
  await cluster.settle();
  assert.ok(seen.saw("MODIFIED", has("StatusPatched")));
  assert.ok(has("StatusPatched")(await client.get(Deployment, key)));
});
