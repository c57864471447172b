/** The conformance suite's sentences about NoExecute taints, by their codenames. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Node, Pod, type Taint } from "../../api/core/v1/index.ts";
import { type Cluster, testCluster } from "../../testing/index.ts";

const TAINT = { key: "kubernetes.io/e2e-evict-taint-key", value: "evictTaintVal", effect: "NoExecute" };

/** A Pod that bears the taint for so many seconds. */
function tolerating(name: string, tolerationSeconds: number): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { group: "taint-eviction" } },
    spec: {
      containers: [{ name: "pause", image: "registry.k8s.io/pause:3.10" }],
      terminationGracePeriodSeconds: 1,
      tolerations: [{ ...TAINT, operator: "Equal", tolerationSeconds }],
      nodeSelector: { "kubernetes.io/hostname": "a" },
    },
  } as unknown as Pod;
}

async function run(it: Cluster, ...pods: Pod[]): Promise<void> {
  for (const pod of pods) await it.create(pod);
  await it.until(() => pods.every(({ metadata }) => it.pods(metadata.name)[0]?.status.phase === "Running"));
}

const taint = (it: Cluster) =>
  it.edit(Node, "a", ({ spec }) => {
    spec.taints = [...(spec.taints ?? []), TAINT as Taint];
  });

const untaint = (it: Cluster) =>
  it.edit(Node, "a", ({ spec }) => {
    spec.taints = spec.taints?.filter(({ key }) => key !== TAINT.key);
  });

const isEvicted = (it: Cluster, name: string) => {
  const pod = it.pods(name)[0];
  return !pod || pod.metadata.deletionTimestamp !== undefined;
};

test("[sig-node] NoExecuteTaintManager Multiple Pods [Serial] evicts pods with minTolerationSeconds [Disruptive] [Conformance]", async (t) => {
  const it = await testCluster(t, { nodes: ["a", "b"] });
  await run(it, tolerating("taint-eviction-1", 5), tolerating("taint-eviction-2", 25));
  await taint(it);
  await it.settle();
  const evicted = () => ["taint-eviction-1", "taint-eviction-2"].map((name) => isEvicted(it, name));
  assert.deepEqual(evicted(), [false, false]);
  await it.advance("6s");
  assert.deepEqual(evicted(), [true, false]);
  await it.advance("18s");
  assert.deepEqual(evicted(), [true, false]);
  await it.advance("3s");
  assert.deepEqual(evicted(), [true, true]);
});

test("[sig-node] NoExecuteTaintManager Single Pod [Serial] removing taint cancels eviction [Disruptive] [Conformance]", async (t) => {
  const it = await testCluster(t, { nodes: ["a", "b"] });
  await run(it, tolerating("taint-eviction-4", 65));
  await taint(it);
  await it.advance("60s");
  assert.equal(isEvicted(it, "taint-eviction-4"), false);
  await untaint(it);
  await it.advance("2m");
  assert.equal(isEvicted(it, "taint-eviction-4"), false);
  assert.equal((await it.get(Pod, "taint-eviction-4")).status.phase, "Running");
});
