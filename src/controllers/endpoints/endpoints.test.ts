import assert from "node:assert/strict";
import { test } from "node:test";
import { Endpoints, Service } from "../../api/core/v1/index.ts";
import { deployment, testCluster } from "../../testing/index.ts";

const service = (name: string, selector?: Record<string, string>) =>
  ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: { ...(selector ? { selector } : {}), ports: [{ port: 80 }] },
  }) as Service;
const byHand = (name: string) =>
  ({
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name, namespace: "default" },
    subsets: [{ addresses: [{ ip: "192.0.2.7" }], ports: [{ port: 80 }] }],
  }) as Endpoints;

test("endpoints follow a service's pods, and go with the service", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(service("web", { app: "web" }));
  await cluster.settle();
  assert.deepEqual((await cluster.get(Endpoints, "web")).subsets ?? [], []);
  await cluster.apply(deployment("web", { replicas: 2 }));
  await cluster.settle();
  assert.equal((await cluster.get(Endpoints, "web")).subsets?.[0]?.addresses?.length, 2);
  await cluster.delete(Service, "web");
  await cluster.settle();
  assert.deepEqual(
    (await cluster.list(Endpoints)).map(({ metadata }) => metadata.name),
    ["kubernetes"],
  );
});

test("endpoints written by hand stay without a service", async (t) => {
  const cluster = await testCluster(t);
  await cluster.apply(byHand("alone"));
  await cluster.settle();
  await cluster.apply({ ...byHand("alone"), metadata: { ...byHand("alone").metadata, labels: { changed: "yes" } } });
  await cluster.settle();
  assert.equal((await cluster.get(Endpoints, "alone")).metadata.labels?.changed, "yes");
});

test("endpoints written by hand go with their service", async (t) => {
  const cluster = await testCluster(t);
  await cluster.apply(service("mine"));
  await cluster.apply(byHand("mine"));
  await cluster.settle();
  assert.equal((await cluster.get(Endpoints, "mine")).subsets?.length, 1);
  await cluster.delete(Service, "mine");
  await cluster.settle();
  assert.equal((await cluster.list(Endpoints)).length, 1);
});
