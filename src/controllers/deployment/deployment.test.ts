import assert from "node:assert/strict";
import { test } from "node:test";
import { Deployment, ReplicaSet } from "../../api/apps/v1/index.ts";
import { deployment, isReady, replicaSet, testCluster } from "../../testing/index.ts";

const condition = (d: Deployment, type: string) => d.status.conditions?.find((c) => c.type === type);
const images = (pods: readonly { spec: { containers: { image?: string }[] } }[]) =>
  [...new Set(pods.map((pod) => pod.spec.containers[0]?.image))].sort();

test("brings up as many pods as asked for, and says so", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.apply(deployment("web", { replicas: 3 }));
  await cluster.settle();
  assert.equal(cluster.pods("web").filter(isReady).length, 3);
  const web = await cluster.get(Deployment, "web");
  assert.equal(web.status.availableReplicas, 3);
  assert.equal(web.status.observedGeneration, web.metadata.generation);
  assert.equal(condition(web, "Available")?.reason, "MinimumReplicasAvailable");
  assert.equal(condition(web, "Progressing")?.reason, "NewReplicaSetAvailable");
  assert.equal(web.metadata.annotations?.["deployment.kubernetes.io/revision"], "1");
  const [set] = await cluster.list(ReplicaSet);
  assert.ok(
    cluster
      .events("web")
      .includes(`ScalingReplicaSet Deployment/web: Scaled up replica set ${set?.metadata.name} from 0 to 3`),
  );
});

test("scales up and down", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(deployment("web", { replicas: 3 }));
  await cluster.settle();
  for (const replicas of [10, 2, 0]) {
    await cluster.apply(deployment("web", { replicas }));
    await cluster.settle();
    assert.equal(cluster.pods("web").filter(isReady).length, replicas);
  }
});

test("a rolling update keeps enough available and never makes too many", async (t) => {
  const cluster = await testCluster(t, {
    nodes: ["a", "b"],
    behaviour: { startDelay: 2000, readyDelay: 3000, stopDelay: 4000 },
  });
  await cluster.apply(deployment("web", { replicas: 4 }));
  await cluster.advance("1m");
  await cluster.apply(deployment("web", { replicas: 4, image: "example/web:2" }));
  let least = 4;
  let most = 4;
  await cluster.until(() => {
    const pods = cluster.pods("web");
    const active = pods.filter((pod) => !pod.metadata.deletionTimestamp);
    least = Math.min(least, active.filter(isReady).length);
    most = Math.max(most, active.length);
    return pods.length === 4 && pods.every(isReady) && images(pods).join() === "example/web:2";
  });
  assert.equal(least, 3); // 25 % of 4 may be unavailable
  assert.equal(most, 5); // and as many more may be there
  assert.equal((await cluster.list(ReplicaSet)).length, 2);
});

test("a rollback by template takes the old ReplicaSet up again, as a new revision", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  for (const image of ["example/web:1", "example/web:2", "example/web:1"]) {
    await cluster.apply(deployment("web", { replicas: 2, image }));
    await cluster.settle();
  }
  const sets = await cluster.list(ReplicaSet);
  assert.equal(sets.length, 2);
  assert.deepEqual(images(cluster.pods("web")), ["example/web:1"]);
  const web = await cluster.get(Deployment, "web");
  assert.equal(web.metadata.annotations?.["deployment.kubernetes.io/revision"], "3");
  const current = sets.find((set) => set.spec.replicas === 2);
  assert.equal(current?.metadata.annotations?.["deployment.kubernetes.io/revision"], "3");
  assert.equal(current?.metadata.annotations?.["deployment.kubernetes.io/revision-history"], "1");
});

test("an adopted ReplicaSet's revision counts, however large", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const annotations = { "deployment.kubernetes.io/revision": "3546343826724305832" };
  const old = replicaSet("web", { image: "example/web:0" });
  await cluster.apply({
    ...old,
    metadata: { name: "old", namespace: "default", labels: { app: "web" }, annotations },
  });
  await cluster.settle();
  await cluster.apply(deployment("web", { replicas: 1 }));
  await cluster.settle();
  const web = await cluster.get(Deployment, "web");
  assert.equal(web.metadata.annotations?.["deployment.kubernetes.io/revision"], "3546343826724305833");
  assert.equal((await cluster.get(ReplicaSet, "old")).spec.replicas, 0);
});

test("a rollout whose pods never become ready stops, keeps serving, and is reported after its deadline", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const spec = { progressDeadlineSeconds: 60 };
  await cluster.apply(deployment("web", { replicas: 3, spec }));
  await cluster.settle();
  const annotations = { "simulation.coxswain.dev/ready-delay": "never" };
  await cluster.apply(deployment("web", { replicas: 3, image: "example/web:2", annotations, spec }));
  await cluster.advance("50s");
  assert.equal(cluster.pods("web").filter(isReady).length, 3);
  assert.equal(condition(await cluster.get(Deployment, "web"), "Progressing")?.status, "True");
  await cluster.advance("30s");
  const web = await cluster.get(Deployment, "web");
  assert.equal(condition(web, "Progressing")?.reason, "ProgressDeadlineExceeded");
  assert.equal(condition(web, "Progressing")?.status, "False");
  assert.equal(cluster.pods("web").filter(isReady).length, 3);
});

test("while paused, a new template waits; scaling goes on", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(deployment("web", { replicas: 2 }));
  await cluster.settle();
  await cluster.edit(Deployment, "web", (web) => {
    web.spec.paused = true;
    web.spec.replicas = 4;
    web.spec.template.spec.containers[0]!.image = "example/web:2";
  });
  await cluster.settle();
  assert.deepEqual(images(cluster.pods("web")), ["example/web:1"]);
  assert.equal(cluster.pods("web").length, 4);
  assert.equal(condition(await cluster.get(Deployment, "web"), "Progressing")?.reason, "DeploymentPaused");
  await cluster.edit(Deployment, "web", (web) => {
    web.spec.paused = false;
  });
  await cluster.settle();
  assert.deepEqual(images(cluster.pods("web")), ["example/web:2"]);
});

test("Recreate ends all old pods before it makes new ones", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { stopDelay: 5000 } });
  const spec = { strategy: { type: "Recreate" } };
  await cluster.apply(deployment("web", { replicas: 2, spec }));
  await cluster.settle();
  await cluster.apply(deployment("web", { replicas: 2, spec, image: "example/web:2" }));
  const mixtures = new Set<string>();
  await cluster.until(() => {
    const pods = cluster.pods("web");
    mixtures.add(images(pods).join());
    return pods.filter(isReady).length === 2 && images(pods).join() === "example/web:2";
  });
  assert.ok(!mixtures.has("example/web:1,example/web:2"));
});

test("keeps no more old ReplicaSets than the history limit", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  for (let i = 1; i <= 5; i++) {
    await cluster.apply(deployment("web", { image: `example/web:${i}`, spec: { revisionHistoryLimit: 2 } }));
    await cluster.settle();
  }
  const revisions = (await cluster.list(ReplicaSet)).map(
    (set) => set.metadata.annotations?.["deployment.kubernetes.io/revision"],
  );
  assert.deepEqual(revisions.sort(), ["3", "4", "5"]);
});

test("scaling in the middle of a rollout shares the new pods in proportion", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  const rollingUpdate = { maxSurge: 3, maxUnavailable: 2 };
  const spec = { strategy: { type: "RollingUpdate", rollingUpdate } };
  await cluster.apply(deployment("web", { replicas: 10, spec }));
  await cluster.settle();
  const annotations = { "simulation.coxswain.dev/ready-delay": "never" };
  await cluster.apply(deployment("web", { replicas: 10, image: "example/web:2", annotations, spec }));
  await cluster.settle();
  const sizes = async () => (await cluster.list(ReplicaSet)).map((set) => set.spec.replicas).sort();
  assert.deepEqual(await sizes(), [5, 8]);
  await cluster.apply(deployment("web", { replicas: 15, image: "example/web:2", annotations, spec }));
  await cluster.settle();
  assert.deepEqual(await sizes(), [11, 7]);
});

test("deleting a Deployment takes its ReplicaSets and pods along", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(deployment("web", { replicas: 2 }));
  await cluster.settle();
  await cluster.delete(Deployment, "web");
  await cluster.settle();
  assert.equal((await cluster.list(ReplicaSet)).length, 0);
  assert.equal(cluster.pods("web").length, 0);
});
