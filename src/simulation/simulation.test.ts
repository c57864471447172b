import assert from "node:assert/strict";
import { test } from "node:test";
import { Node, Pod } from "../api/core/v1/index.ts";
import { isReady, pod, replicaSet, testCluster } from "../testing/index.ts";
import { AddressBlock } from "./addresses.ts";
import { behaviourOf, parseDelay } from "./behaviour.ts";

const behaving = (rules: Record<string, string>) =>
  Object.fromEntries(Object.entries(rules).map(([key, value]) => [`simulation.coxswain.dev/${key}`, value]));

test("a pod that ends is restarted with growing back-off, or not, as its policy says", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(pod("always", { annotations: behaving({ "exit-after": "5s", "exit-code": "3" }) }));
  const never = { annotations: behaving({ "exit-after": "5s", "exit-code": "0" }), spec: { restartPolicy: "Never" } };
  await cluster.create(pod("never", never));
  await cluster.advance("6s");
  const [always] = cluster.pods("always");
  assert.equal(always?.status.containerStatuses?.[0]?.state?.waiting?.reason, "CrashLoopBackOff");
  assert.equal(always?.status.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 3);
  assert.equal(cluster.pods("never")[0]?.status.phase, "Succeeded");
  await cluster.advance("10s");
  assert.equal(cluster.pods("always")[0]?.status.containerStatuses?.[0]?.restartCount, 1);
  await cluster.advance("5m");
  assert.equal(cluster.pods("always")[0]?.status.containerStatuses?.[0]?.restartCount, 4); // after 10, 20, 40 and 80 s
});

test("a pod whose image cannot be had waits and says so", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(pod("p", { annotations: behaving({ "image-missing": "true" }) }));
  await cluster.advance("1m");
  const [p] = cluster.pods("p");
  assert.equal(p?.status.phase, "Pending");
  assert.equal(p?.status.containerStatuses?.[0]?.state?.waiting?.reason, "ImagePullBackOff");
});

test("a deleted pod ends within its grace period, and at once when none is given", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { stopDelay: 60_000 } });
  await cluster.create(pod("slow"));
  await cluster.create(pod("forced"));
  await cluster.settle();
  await cluster.delete(Pod, "slow");
  await cluster.delete(Pod, "forced", { gracePeriodSeconds: 0 });
  await cluster.settle();
  assert.deepEqual(
    cluster.pods().map((p) => p.metadata.name),
    ["slow"],
  );
  await cluster.advance("29s");
  assert.equal(cluster.pods().length, 1);
  await cluster.advance("2s");
  assert.equal(cluster.pods().length, 0);
});

test("each pod has an address of its own, of its node's block", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.apply(replicaSet("web", { replicas: 20 }));
  await cluster.settle();
  const pods = cluster.pods("web");
  assert.equal(new Set(pods.map((p) => p.status.podIP)).size, 20);
  for (const p of pods) {
    const { podCIDR = "" } = (await cluster.get(Node, p.spec.nodeName ?? "")).spec;
    assert.equal(p.status.podIP?.split(".").slice(0, 3).join("."), podCIDR.split(".").slice(0, 3).join("."));
  }
});

test("hundreds of nodes take their pods in one process", async (t) => {
  const nodes = Array.from({ length: 300 }, (_, i) => `node-${i}`);
  const cluster = await testCluster(t, { nodes });
  await cluster.apply(replicaSet("web", { replicas: 600 }));
  await cluster.settle();
  assert.equal(cluster.pods("web").filter(isReady).length, 600);
  assert.ok(new Set(cluster.pods("web").map((p) => p.spec.nodeName)).size > 200);
});

test("addresses are given back, and given out again as late as possible", () => {
  const block = new AddressBlock("10.244.3.0/30");
  assert.deepEqual([block.take("a"), block.take("b"), block.take("c")], ["10.244.3.1", "10.244.3.2", undefined]);
  assert.equal(block.take("a"), "10.244.3.1");
  block.release("a");
  assert.equal(block.take("c"), "10.244.3.1");
});

test("durations are read as Go prints them; nonsense is refused", () => {
  assert.equal(parseDelay("1m30s"), 90_000);
  assert.equal(parseDelay("250ms"), 250);
  assert.equal(parseDelay("never"), Number.POSITIVE_INFINITY);
  assert.throws(() => parseDelay("soon"), /not a duration/);
  const p = pod("p", { annotations: behaving({ "ready-delay": "2s" }) });
  assert.equal(behaviourOf(p, { readyDelay: 9, stopDelay: 7 }).readyDelay, 2000);
  assert.equal(behaviourOf(p, { readyDelay: 9, stopDelay: 7 }).stopDelay, 7);
});
