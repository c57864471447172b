import assert from "node:assert/strict";
import { test } from "node:test";
import { Deployment, ReplicaSet } from "../../api/apps/v1/index.ts";
import { Pod } from "../../api/core/v1/index.ts";
import { type Eviction, PodDisruptionBudget } from "../../api/policy/v1/index.ts";
import {
  type Cluster,
  daemonSet,
  deployment,
  disruptionBudget,
  isReady,
  pod,
  replicaSet,
  replicationController,
  statefulSet,
  testCluster,
} from "../../testing/index.ts";

const budgetOf = (cluster: Cluster) => cluster.get(PodDisruptionBudget, "web");

/** allowed, healthy now, healthy wanted, Pods expected */
async function counts(cluster: Cluster): Promise<number[]> {
  const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } = (await budgetOf(cluster)).status;
  return [disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods];
}

async function condition(cluster: Cluster): Promise<string> {
  const { conditions } = (await budgetOf(cluster)).status;
  const found = conditions?.find(({ type }) => type === "DisruptionAllowed");
  return `${found?.status} ${found?.reason} ${found?.message}`.trim();
}

function evict(cluster: Cluster, name: string): Promise<unknown> {
  const metadata = { namespace: "default", name };
  const eviction: Eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata };
  return cluster.client.createSubresource(Pod, metadata, "eviction", eviction);
}

test("counts what may go, by number and by share, of what the Pods' controllers ask for", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(deployment("web", { replicas: 5 }));
  const cases: [PodDisruptionBudget["spec"], number[]][] = [
    [{ minAvailable: 3 }, [2, 5, 3, 5]],
    [{ minAvailable: "50%" }, [2, 5, 3, 5]],
    [{ maxUnavailable: 1 }, [1, 5, 4, 5]],
    [{ maxUnavailable: "30%" }, [2, 5, 3, 5]],
    [{ maxUnavailable: "100%" }, [5, 5, 0, 5]],
    [{ minAvailable: 7 }, [0, 5, 7, 5]],
    [{ minAvailable: 7, selector: { matchLabels: { app: "none" } } }, [0, 0, 7, 0]],
  ];
  for (const [spec, expected] of cases) {
    await cluster.apply(disruptionBudget("web", spec));
    await cluster.settle();
    assert.deepEqual(await counts(cluster), expected, JSON.stringify(spec));
    const { status, metadata } = await budgetOf(cluster);
    assert.equal(status.observedGeneration, metadata.generation);
    assert.equal(await condition(cluster), expected[0]! > 0 ? "True SufficientPods" : "False InsufficientPods");
    await cluster.delete(PodDisruptionBudget, "web");
  }
  assert.match(cluster.events("web").join("\n"), /NoPods PodDisruptionBudget\/web: No matching pods found/);
});

for (const [kind, owner] of [
  ["ReplicaSet", replicaSet],
  ["ReplicationController", replicationController],
  ["StatefulSet", statefulSet],
] as const) {
  test(`follows a ${kind} that is scaled and Pods that come and go`, async (t) => {
    const cluster = await testCluster(t, { nodes: ["a"] });
    await cluster.apply(owner("web", { replicas: 3 }), disruptionBudget("web", { maxUnavailable: "50%" }));
    await cluster.advance("1s");
    assert.deepEqual(await counts(cluster), [2, 3, 1, 3]);
    await cluster.apply(owner("web", { replicas: 6 }));
    await cluster.advance("1s");
    assert.deepEqual(await counts(cluster), [3, 6, 3, 6]);
  });
}

test("Pods without a controller count one by one for a number, and cannot for a share", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(pod("web-1", { app: "web" }));
  await cluster.create(pod("web-2", { app: "web" }));
  await cluster.apply(disruptionBudget("web", { minAvailable: 1 }));
  await cluster.settle();
  assert.deepEqual(await counts(cluster), [1, 2, 1, 2]);
  await cluster.delete(PodDisruptionBudget, "web");
  await cluster.apply(disruptionBudget("web", { maxUnavailable: 1 }));
  await cluster.settle();
  assert.deepEqual(await counts(cluster), [0, 2, 0, 0]);
  assert.match(cluster.events("web").join("\n"), /UnmanagedPods .*\(selector: app=web\) were found to be unmanaged/);
});

test("nothing may go while it cannot be told how many there shall be", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(daemonSet("web"), disruptionBudget("web", { maxUnavailable: 1 }));
  await cluster.settle();
  const why = "daemonsets.apps does not implement the scale subresource";
  assert.equal(await condition(cluster), `False SyncFailed ${why}`);
  assert.deepEqual((await counts(cluster))[0], 0);
  assert.ok(
    cluster
      .events("web")
      .includes(
        `CalculateExpectedPodCountFailed PodDisruptionBudget/web: Failed to calculate the number of expected pods: ${why}`,
      ),
  );
});

test("evictions go on as replacements become ready, and never further", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"], behaviour: { readyDelay: 5000, stopDelay: 3000 } });
  await cluster.apply(deployment("web", { replicas: 3 }), disruptionBudget("web", { minAvailable: 2 }));
  await cluster.advance("1m");
  const old = cluster.pods("web").map(({ metadata }) => metadata.name!);
  let least = 3;
  for (const name of old) {
    await cluster.until(async () => {
      const sound = cluster.pods("web").filter((p) => isReady(p) && !p.metadata.deletionTimestamp);
      least = Math.min(least, sound.length);
      return evict(cluster, name).then(
        () => true,
        (error) => (error.code === 429 ? false : Promise.reject(error)),
      );
    });
  }
  await cluster.advance("1m");
  assert.equal(least, 2);
  assert.equal(cluster.pods("web").filter(isReady).length, 3);
  assert.deepEqual((await budgetOf(cluster)).status.disruptedPods, undefined);
});

test("a Pod whose eviction was granted but that stays counts again after a while", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(replicaSet("web", { replicas: 2 }), disruptionBudget("web", { minAvailable: 1 }));
  await cluster.advance("1s");
  const [first] = cluster.pods("web");
  const budget = await budgetOf(cluster);
  const disruptedPods = { [first!.metadata.name!]: new Date(cluster.clock.now()).toISOString() };
  await cluster.client.updateStatus(PodDisruptionBudget, {
    ...budget,
    status: { ...budget.status, disruptedPods, disruptionsAllowed: 0 },
  });
  await cluster.settle();
  assert.deepEqual(await counts(cluster), [0, 1, 1, 2]);
  await cluster.advance("3m");
  assert.deepEqual(await counts(cluster), [1, 2, 1, 2]);
  assert.match(
    cluster.events(first!.metadata.name).join("\n"),
    /NotDeleted .*Pod was expected by PDB default\/web to be deleted but it wasn't/,
  );
});

test("a disruption that was announced and does not come about is taken back", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(pod("p"));
  await cluster.settle();
  const live = structuredClone(await cluster.get(Pod, "p"));
  const lastTransitionTime = new Date(cluster.clock.now()).toISOString();
  const target = { type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler", lastTransitionTime };
  live.status.conditions!.push(target as NonNullable<Pod["status"]["conditions"]>[number]);
  await cluster.client.updateStatus(Pod, live);
  const shown = async () =>
    (await cluster.get(Pod, "p")).status.conditions?.find(({ type }) => type === "DisruptionTarget")?.status;
  await cluster.advance("110s");
  assert.equal(await shown(), "True");
  await cluster.advance("20s");
  assert.equal(await shown(), "False");
});

test("a ReplicaSet of a Deployment counts as its Deployment asks", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(deployment("web", { replicas: 4 }));
  await cluster.settle();
  await cluster.edit(Deployment, "web", (web) => {
    web.spec.paused = true;
  });
  await cluster.apply(disruptionBudget("web", { maxUnavailable: "50%" }));
  await cluster.settle();
  assert.equal((await cluster.list(ReplicaSet)).length, 1);
  assert.deepEqual(await counts(cluster), [2, 4, 2, 4]);
});
