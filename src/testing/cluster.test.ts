import assert from "node:assert/strict";
import { test } from "node:test";
import { Deployment } from "../api/apps/v1/index.ts";
import { Pod } from "../api/core/v1/index.ts";
import { createCluster, deployment, isReady, pod, service, testCluster } from "./index.ts";

async function story(seed: number): Promise<string[]> {
  const cluster = await createCluster({ nodes: ["a", "b", "c"], seed, behaviour: { startDelay: 500, stopDelay: 700 } });
  await cluster.apply(service("web"), deployment("web", { replicas: 5 }));
  await cluster.advance("10s");
  await cluster.apply(deployment("web", { replicas: 7, image: "example/web:2" }));
  cluster.silence("b");
  await cluster.advance("10m");
  const pods = cluster.pods().map((p) => `${p.metadata.name} ${p.spec.nodeName} ${p.status.podIP} ${p.metadata.uid}`);
  const events = cluster.events();
  const [web] = await cluster.list(Deployment);
  await cluster.close();
  return [...pods, ...events, `${web?.metadata.resourceVersion}`];
}

test("the same seed tells the same story, another seed another", async () => {
  const [first, again, other] = [await story(7), await story(7), await story(8)];
  assert.deepEqual(first, again);
  assert.notDeepEqual(first, other);
});

test("time stands still until it is told to pass", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { startDelay: 5000 } });
  await cluster.create(pod("p"));
  await cluster.settle();
  assert.equal(cluster.pods("p")[0]?.status.phase, "Pending");
  await cluster.advance("4s");
  assert.equal(cluster.pods("p")[0]?.status.phase, "Pending");
  await cluster.advance("1s");
  assert.equal(cluster.pods("p")[0]?.status.phase, "Running");
});

test("until waits no longer than its limit", async (t) => {
  const cluster = await testCluster(t);
  await assert.rejects(
    cluster.until(() => false, "1m"),
    /not so after 1m/,
  );
});

test("without nodes, pods stay pending and an event says why", async (t) => {
  const cluster = await testCluster(t);
  await cluster.create(pod("p"));
  await cluster.settle();
  assert.equal(cluster.pods("p").filter(isReady).length, 0);
  assert.match(cluster.events("p").join("\n"), /FailedScheduling .*no nodes available/);
});

test("a single controller can be run alone", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], controllers: ["deployment", "cidrAllocator"] });
  await cluster.apply(deployment("web", { replicas: 2 }));
  await cluster.settle();
  assert.equal((await cluster.list(Pod)).length, 0);
});
