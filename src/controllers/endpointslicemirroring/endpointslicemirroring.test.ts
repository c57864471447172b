import assert from "node:assert/strict";
import { test } from "node:test";
import { Endpoints } from "../../api/core/v1/index.ts";
import { EndpointSlice } from "../../api/discovery/v1/index.ts";
import { service, testCluster } from "../../testing/index.ts";

const byHand = (name: string, ips: string[], labels: Record<string, string> = {}): Endpoints => ({
  apiVersion: "v1",
  kind: "Endpoints",
  metadata: { name, namespace: "default", labels },
  subsets: [{ addresses: ips.map((ip) => ({ ip })), ports: [{ port: 5432, protocol: "TCP" }] }],
});

test("Endpoints kept by hand are mirrored, follow changes, and go with their Endpoints", async (t) => {
  const cluster = await testCluster(t);
  await cluster.apply(service("db", { spec: { selector: undefined } }));
  await cluster.create(byHand("db", ["192.0.2.10", "192.0.2.11"]));
  await cluster.settle();
  const mirrors = async () =>
    (await cluster.list(EndpointSlice, "default")).filter(
      (s) => s.metadata.labels?.["kubernetes.io/service-name"] === "db",
    );
  const addresses = async () => (await mirrors()).flatMap((s) => s.endpoints ?? []).flatMap((e) => e.addresses);
  assert.deepEqual(await addresses(), ["192.0.2.10", "192.0.2.11"]);
  assert.equal((await mirrors())[0]?.ports?.[0]?.port, 5432);
  await cluster.edit(Endpoints, "db", (endpoints) => {
    endpoints.subsets![0]!.addresses = [{ ip: "192.0.2.12" }];
  });
  await cluster.settle();
  assert.deepEqual(await addresses(), ["192.0.2.12"]);
  await cluster.delete(Endpoints, "db");
  await cluster.settle();
  assert.deepEqual(await mirrors(), []);
});

test("Endpoints that ask not to be mirrored are not", async (t) => {
  const cluster = await testCluster(t);
  await cluster.apply(service("db", { spec: { selector: undefined } }));
  await cluster.create(byHand("db", ["192.0.2.10"], { "endpointslice.kubernetes.io/skip-mirror": "true" }));
  await cluster.settle();
  const slices = await cluster.list(EndpointSlice, "default");
  assert.ok(!slices.some((s) => s.metadata.labels?.["kubernetes.io/service-name"] === "db"));
});
