import assert from "node:assert/strict";
import { test } from "node:test";
import { Node, type Pod, type Taint } from "../../api/core/v1/index.ts";
import { deployment, isReady, service, testCluster } from "../../testing/index.ts";
import { evictionTime } from "./eviction.ts";

const ready = (node: Node) => node.status.conditions?.find((c) => c.type === "Ready");
const taints = (node: Node) => (node.spec.taints ?? []).map((taint) => `${taint.key}:${taint.effect}`).sort();

test("a node that beats is Ready, has addresses for its pods, and no taints", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.advance("10m");
  const nodes = await cluster.list(Node);
  assert.deepEqual(
    nodes.map((n) => ready(n)?.status),
    ["True", "True"],
  );
  assert.deepEqual(nodes.map((n) => n.spec.podCIDR).sort(), ["10.128.0.0/24", "10.128.1.0/24"]);
  assert.deepEqual(nodes.map(taints), [[], []]);
});

test("a node that falls silent is tainted after 40 s, and its pods are replaced after five minutes", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.apply(service("web"), deployment("web", { replicas: 4 }));
  await cluster.advance("1m");
  cluster.silence("a");
  // Its last word may have been 10 s before that.
  await cluster.advance("29s");
  assert.equal(ready(await cluster.get(Node, "a"))?.status, "True");
  await cluster.advance("26s");
  const lost = await cluster.get(Node, "a");
  assert.equal(ready(lost)?.status, "Unknown");
  assert.equal(ready(lost)?.reason, "NodeStatusUnknown");
  assert.deepEqual(taints(lost), [
    "node.kubernetes.io/unreachable:NoExecute",
    "node.kubernetes.io/unreachable:NoSchedule",
  ]);
  const onA = () => cluster.pods("web").filter((p) => p.spec.nodeName === "a");
  assert.ok(onA().length > 0 && onA().every((p) => !isReady(p)), "pods of a lost node are not ready");
  await cluster.advance("5m");
  assert.ok(
    onA().every((p) => p.metadata.deletionTimestamp),
    "pods of a lost node are evicted",
  );
  assert.equal(cluster.pods("web").filter((p) => p.spec.nodeName === "b" && isReady(p)).length, 4);
});

test("a node that comes back loses its taints, and keeps the pods that were not evicted yet", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(deployment("web", { replicas: 2 }));
  await cluster.settle();
  const before = cluster.pods("web").map((p) => p.metadata.uid);
  cluster.silence("a");
  await cluster.advance("2m");
  await cluster.join("a");
  await cluster.advance("6m");
  assert.deepEqual(taints(await cluster.get(Node, "a")), []);
  assert.deepEqual(
    cluster.pods("web").map((p) => p.metadata.uid),
    before,
  );
});

test("a cordoned node is tainted, and free of it when uncordoned", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.edit(Node, "a", (node) => {
    node.spec.unschedulable = true;
  });
  await cluster.settle();
  assert.deepEqual(taints(await cluster.get(Node, "a")), ["node.kubernetes.io/unschedulable:NoSchedule"]);
  await cluster.edit(Node, "a", (node) => {
    node.spec.unschedulable = false;
  });
  await cluster.settle();
  assert.deepEqual(taints(await cluster.get(Node, "a")), []);
});

const taint = (key: string, timeAdded?: string) => ({ key, effect: "NoExecute", timeAdded }) as Taint;
const tolerating = (...tolerations: object[]) => ({ metadata: {}, spec: { tolerations } }) as unknown as Pod;

test("a pod leaves at once, after its shortest toleration, or never", () => {
  const gone = taint("gone", "2030-01-01T00:00:00Z");
  const at = Date.UTC(2030, 0, 1);
  assert.equal(evictionTime(tolerating(), [gone], at), 0);
  assert.equal(evictionTime(tolerating({ operator: "Exists" }), [gone], at), undefined);
  const some = tolerating(
    { key: "gone", operator: "Exists", tolerationSeconds: 300 },
    { key: "gone", operator: "Exists", tolerationSeconds: 60 },
  );
  assert.equal(evictionTime(some, [gone], at - 5), at + 60_000);
  assert.equal(evictionTime(some, [gone], at + 5), at + 60_005);
  assert.equal(evictionTime(some, [taint("gone")], at + 5), at + 60_005);
  assert.equal(evictionTime(some, [gone, taint("other")], at), 0);
  const seen = () => at + 7000;
  assert.equal(evictionTime(some, [taint("gone")], at, seen), at + 67_000);
});

test("a pod that has run for long is as patient with a new taint as a new one, each time the taint comes", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const tolerations = [{ key: "maintenance", operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 }];
  const spec = { tolerations, containers: [{ name: "c", image: "x" }] };
  await cluster.apply({ apiVersion: "v1", kind: "Pod", metadata: { name: "old", namespace: "default" }, spec });
  await cluster.advance("1h");
  const put = (taints: Taint[]) => cluster.edit(Node, "a", (node) => Object.assign(node.spec, { taints }));
  for (let round = 0; round < 2; round++) {
    await put([taint("maintenance")]);
    await cluster.advance("55s");
    assert.equal(cluster.pods("old").length, 1);
    await put([]);
    await cluster.advance("5m");
    assert.equal(cluster.pods("old").length, 1);
  }
  await put([taint("maintenance")]);
  await cluster.advance("2m");
  assert.equal(cluster.pods("old").length, 0);
});

test("when the machine's clock is set, forward or back, no node is lost and no pod is moved", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.apply(deployment("web", { replicas: 4 }));
  await cluster.advance("1m");
  const before = cluster.pods("web").map((p) => p.metadata.uid);
  for (const hours of [1, -3, 48]) {
    cluster.clock.jump(hours * 3_600_000);
    await cluster.advance("2m");
    const states = (await cluster.list(Node)).map((n) => ready(n)?.status);
    assert.deepEqual(states, ["True", "True"], `after ${hours} h`);
  }
  assert.deepEqual(
    cluster.pods("web").map((p) => p.metadata.uid),
    before,
  );
});
