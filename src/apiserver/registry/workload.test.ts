import assert from "node:assert/strict";
import { test } from "node:test";
import { DaemonSet, StatefulSet } from "../../api/apps/v1/index.ts";
import { PodDisruptionBudget } from "../../api/policy/v1/index.ts";
import { isInvalid } from "../../apimachinery/status.ts";
import { daemonSet, disruptionBudget, statefulSet } from "../../testing/manifests.ts";
import { testServer } from "../testServer.ts";

const AT = { namespace: "default", name: "web" };

test("a new workload begins without a status, whatever came along", async (t) => {
  const { client } = await testServer(t);
  const status = { replicas: 7, readyReplicas: 7, availableReplicas: 7 };
  const made = await client.create(StatefulSet, { ...statefulSet("web"), status });
  assert.deepEqual(made.status, { replicas: 0, availableReplicas: 0 });
  assert.equal(made.metadata.generation, 1);
});

test("a DaemonSet's template is counted, whatever the client says of it", async (t) => {
  const { client } = await testServer(t);
  const counted = ({ metadata }: DaemonSet) => metadata.annotations?.["deprecated.daemonset.template.generation"];
  const made = await client.create(DaemonSet, daemonSet("web"));
  assert.equal(counted(made), "1");
  const patch = (body: object) => client.patch(DaemonSet, AT, "merge", body);
  assert.equal(counted(await patch({ spec: { minReadySeconds: 3 } })), "1");
  assert.equal(counted(await patch({ metadata: { annotations: null } })), "1");
  assert.equal(counted(await patch({ spec: { template: { metadata: { labels: { more: "x" } } } } })), "2");
});

test("who replaces a budget says which version", async (t) => {
  const { client } = await testServer(t);
  const made = structuredClone(await client.create(PodDisruptionBudget, disruptionBudget("web", { minAvailable: 1 })));
  made.spec.minAvailable = 2;
  const { resourceVersion: _, ...metadata } = made.metadata;
  await assert.rejects(client.update(PodDisruptionBudget, { ...made, metadata }), isInvalid);
  assert.equal((await client.update(PodDisruptionBudget, made)).spec.minAvailable, 2);
});
