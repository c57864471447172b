/** The conformance suite's sentences about RuntimeClass, by their codenames. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Pod } from "../api/core/v1/index.ts";
import { RuntimeClass } from "../api/node/v1/index.ts";
import { isForbidden, isNotFound } from "../apimachinery/status.ts";
import { testServer } from "../apiserver/testServer.ts";
import { type Cluster, testCluster } from "../testing/index.ts";

const HANDLER = "preconfigured-handler";

function runtimeClass(name: string, more: object = {}): RuntimeClass {
  const { apiVersion, kind } = RuntimeClass;
  return { apiVersion, kind, metadata: { name }, handler: HANDLER, ...more } as RuntimeClass;
}

const podOf = (runtimeClassName: string) =>
  ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `test-runtimeclass-${runtimeClassName}`, namespace: "default" },
    spec: {
      runtimeClassName,
      containers: [{ name: "test", image: "busybox", command: ["true"] }],
      restartPolicy: "Never",
    },
  }) as unknown as Pod;

async function isScheduled(it: Cluster, pod: Pod): Promise<boolean> {
  const { spec, status } = await it.get(Pod, pod.metadata.name!);
  return Boolean(spec.nodeName) && status.conditions!.some((c) => c.type === "PodScheduled" && c.status === "True");
}

test("[sig-node] RuntimeClass should reject a Pod requesting a non-existent RuntimeClass [NodeConformance] [Conformance]", async (t) => {
  const it = await testCluster(t, { nodes: ["a"] });
  await assert.rejects(it.create(podOf("nonexistent")), isForbidden);
});

test("[sig-node] RuntimeClass should reject a Pod requesting a deleted RuntimeClass [NodeConformance] [Conformance]", async (t) => {
  const it = await testCluster(t, { nodes: ["a"] });
  await it.create(runtimeClass("delete-me"));
  await it.delete(RuntimeClass, "delete-me");
  await assert.rejects(it.get(RuntimeClass, "delete-me"), isNotFound);
  await assert.rejects(it.create(podOf("delete-me")), isForbidden);
});

test("[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass without PodOverhead [NodeConformance] [Conformance]", async (t) => {
  const it = await testCluster(t, { nodes: ["a"] });
  await it.create(runtimeClass("plain"));
  const pod = await it.create(podOf("plain"));
  await it.settle();
  assert.ok(await isScheduled(it, pod));
  assert.equal(pod.spec.overhead, undefined);
});

test("[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass and initialize its Overhead [NodeConformance] [Conformance]", async (t) => {
  const it = await testCluster(t, { nodes: ["a"] });
  const podFixed = { cpu: "10m", memory: "1Mi" };
  await it.create(runtimeClass("costly", { overhead: { podFixed } }));
  const pod = await it.create(podOf("costly"));
  await it.settle();
  assert.ok(await isScheduled(it, pod));
  assert.deepEqual(pod.spec.overhead, podFixed);
});

test("[sig-node] RuntimeClass should support RuntimeClasses API operations [Conformance]", async (t) => {
  const { ask, client } = await testServer(t);
  const get = (path: string) => ask({ method: "GET", path }) as Promise<Record<string, { [key: string]: unknown }[]>>;
  const groups = (await get("/apis")).groups!;
  const group = groups.find(({ name }) => name === "node.k8s.io");
  assert.deepEqual(group?.versions, [{ groupVersion: "node.k8s.io/v1", version: "v1" }]);
  assert.ok((await get("/apis/node.k8s.io")).versions!.some(({ version }) => version === "v1"));
  const resources = (await get("/apis/node.k8s.io/v1")).resources!;
  assert.ok(resources.some(({ name }) => name === "runtimeclasses"));

  const labels = { test: "e2e" };
  const named = (name: string) => runtimeClass(name, { metadata: { name, labels } });
  const created = await client.create(RuntimeClass, named("one"));
  await assert.rejects(client.create(RuntimeClass, named("one")));
  await client.create(RuntimeClass, named("two"));
  await client.create(RuntimeClass, named("three"));
  const [key, labelSelector] = [{ name: "one" }, "test=e2e"];
  assert.equal((await client.get(RuntimeClass, key)).metadata.uid, created.metadata.uid);
  const { items, metadata } = await client.list(RuntimeClass, { labelSelector });
  assert.equal(items.length, 3);

  const stop = new AbortController();
  const watch = client.watch(RuntimeClass, { labelSelector, resourceVersion: metadata.resourceVersion }, stop.signal);
  const events = watch[Symbol.asyncIterator]();
  const next = async () => (await events.next()).value as { type: string; object: RuntimeClass };
  const patched = await client.patch(RuntimeClass, key, "merge", { metadata: { annotations: { patched: "true" } } });
  assert.equal(patched.metadata.annotations?.patched, "true");
  const annotations = { ...patched.metadata.annotations, updated: "true" };
  await client.update(RuntimeClass, { ...patched, metadata: { ...patched.metadata, annotations } });
  for (const annotation of ["patched", "updated"]) {
    const { type, object } = await next();
    assert.equal(type, "MODIFIED");
    assert.equal(object.metadata.annotations?.[annotation], "true");
  }
  await client.delete(RuntimeClass, key);
  assert.equal((await next()).type, "DELETED");
  stop.abort();
  await assert.rejects(client.get(RuntimeClass, key), isNotFound);
  await client.deleteCollection(RuntimeClass, { labelSelector });
  assert.equal((await client.list(RuntimeClass, { labelSelector })).items.length, 0);
});
