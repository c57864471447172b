import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Node, Pod, ServiceAccount } from "../../api/core/v1/index.ts";
import { NodeMetrics, PodMetrics } from "../../api/metrics/v1beta1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { type TestServer, testServer } from "../testServer.ts";

/** A node of which half a CPU is used, a quarter by the Pod "busy". */
async function measuredCluster(t: TestContext) {
  const server = await testServer(t, {
    readNode: async () => {
      const time = server.clock.now();
      const point = { time, memory: 3 * 2 ** 20, startTime: 0 };
      const containers = new Map([
        ["default/busy/app", { ...point, cpu: time / 4000 }],
        ["default/idle/app", { ...point, cpu: 0 }],
      ]);
      return { node: { time, cpu: time / 2000, memory: 2 ** 30 }, containers };
    },
  });
  await server.client.create(Node, { metadata: { name: "a" } } as never);
  await server.client.create(ServiceAccount, { metadata: { name: "default", namespace: "default" } } as never);
  for (const name of ["busy", "idle", "starting"]) await runPod(server.client, name);
  return server;
}

async function runPod(client: TestServer["client"], name: string) {
  const metadata = { name, namespace: "default", labels: { app: name } };
  const spec = { nodeName: "a", containers: [{ name: "app", image: "x" }] };
  const pod = structuredClone(await client.create(Pod, { metadata, spec } as never)) as Pod;
  const state = name === "starting" ? { waiting: { reason: "ContainerCreating" } } : { running: {} };
  const status = { name: "app", ready: true, restartCount: 0, image: "x", imageID: "x", state };
  pod.status = {
    ...pod.status,
    phase: name === "starting" ? "Pending" : "Running",
    containerStatuses: [status] as never,
  };
  await client.updateStatus(Pod, pod);
}

/** A first question takes two readings, some time apart. */
async function ask<T>({ advance }: TestServer, answer: Promise<T>): Promise<T> {
  for (let i = 0; i < 5; i++) await advance(0);
  await advance(2000);
  return answer;
}

test("metrics are computed for the Pods that a request selects", async (t) => {
  const server = await measuredCluster(t);
  const { items } = await ask(server, server.client.list(PodMetrics, { namespace: "default" }));
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ["busy", "idle"],
  );
  const [busy] = items;
  assert.deepEqual(busy?.containers, [{ name: "app", usage: { cpu: "250000000n", memory: "3Mi" } }]);
  assert.equal(busy?.window, "2s");
  assert.deepEqual(busy?.metadata.labels, { app: "busy" });
  const idle = await server.client.list(PodMetrics, { namespace: "default", labelSelector: "app=idle" });
  assert.deepEqual(idle.items[0]?.containers[0]?.usage, { cpu: "0", memory: "3Mi" });
  const elsewhere = await server.client.list(PodMetrics, { fieldSelector: "spec.nodeName=b" });
  assert.equal(elsewhere.items.length, 0);
});

test("metrics of one node, and a table of all", async (t) => {
  const server = await measuredCluster(t);
  const node = await ask(server, server.client.get(NodeMetrics, { name: "a" }));
  assert.deepEqual(node.usage, { cpu: "500000000n", memory: "1Gi" });
  assert.deepEqual(
    PodMetrics.columns.map(({ name }) => name),
    ["Name", "cpu", "memory", "Window"],
  );
  assert.equal(NodeMetrics.columns[1]?.value(node, 0), "500m");
});

test("what is not there, or not measured, is not found", async (t) => {
  const server = await measuredCluster(t);
  await assert.rejects(server.client.get(NodeMetrics, { name: "b" }), isNotFound);
  const starting = server.client.get(PodMetrics, { namespace: "default", name: "starting" });
  await assert.rejects(starting, { message: 'podmetrics.metrics.k8s.io "default/starting" not found' });
});
