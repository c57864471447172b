import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap, Namespace, Secret, ServiceAccount } from "../../api/core/v1/index.ts";
import { deployment, namespace, service, testCluster } from "../../testing/index.ts";

test("a new namespace gets its ServiceAccount and the cluster's certificate authority, and gets them back", async (t) => {
  const cluster = await testCluster(t);
  await cluster.apply(namespace("team"));
  await cluster.settle();
  for (let i = 0; i < 2; i++) {
    assert.equal((await cluster.get(ServiceAccount, "default", "team")).metadata.name, "default");
    assert.match(
      (await cluster.get(ConfigMap, "kube-root-ca.crt", "team")).data?.["ca.crt"] ?? "",
      /BEGIN CERTIFICATE/,
    );
    await cluster.delete(ServiceAccount, "default", { namespace: "team" });
    await cluster.edit(
      ConfigMap,
      "kube-root-ca.crt",
      (map) => {
        map.data = { "ca.crt": "forged" };
      },
      "team",
    );
    await cluster.settle();
  }
});

test("deleting a namespace deletes all that is in it, then the namespace", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { stopDelay: 10_000 } });
  await cluster.apply(
    namespace("team"),
    deployment("web", { namespace: "team", replicas: 3 }),
    service("web", { namespace: "team" }),
  );
  await cluster.create<Secret>({ apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "team" } });
  await cluster.settle();
  await cluster.delete(Namespace, "team");
  await cluster.settle();
  const leaving = await cluster.get(Namespace, "team");
  assert.equal(leaving.status.phase, "Terminating");
  const remaining = leaving.status.conditions?.find((c) => c.type === "NamespaceContentRemaining");
  assert.equal(remaining?.message, "Some resources are remaining: pods has 3 resource instances");
  await cluster.advance("30s");
  assert.ok(!(await cluster.list(Namespace)).some((n) => n.metadata.name === "team"));
  assert.equal(cluster.pods(undefined, "team").length, 0);
  assert.equal((await cluster.list(Secret, "team")).length, 0);
});

test("content that a finalizer holds keeps the namespace, which says why", async (t) => {
  const cluster = await testCluster(t);
  await cluster.apply(namespace("team"));
  const metadata = { name: "held", namespace: "team", finalizers: ["example.com/hold"] };
  await cluster.create<ConfigMap>({ apiVersion: "v1", kind: "ConfigMap", metadata });
  await cluster.settle();
  await cluster.delete(Namespace, "team");
  await cluster.advance("1m");
  const conditions = (await cluster.get(Namespace, "team")).status.conditions ?? [];
  const held = conditions.find((c) => c.type === "NamespaceFinalizersRemaining");
  assert.equal(
    held?.message,
    "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
  );
  await cluster.edit(
    ConfigMap,
    "held",
    (map) => {
      map.metadata.finalizers = [];
    },
    "team",
  );
  await cluster.advance("10s");
  assert.ok(!(await cluster.list(Namespace)).some((n) => n.metadata.name === "team"));
});
