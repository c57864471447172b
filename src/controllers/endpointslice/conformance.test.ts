/** Sentences of Kubernetes' conformance suite about endpoints, each under its name there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Endpoints, Pod, Service } from "../../api/core/v1/index.ts";
import { EndpointSlice } from "../../api/discovery/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { type Cluster, pod, testCluster } from "../../testing/index.ts";

const SERVICE_NAME = "kubernetes.io/service-name";

const slicesOf = async (cluster: Cluster, name: string) =>
  (await cluster.list(EndpointSlice, "default")).filter(({ metadata }) => metadata.labels?.[SERVICE_NAME] === name);

const withService = (cluster: Cluster, name: string, spec: Partial<Service["spec"]>) =>
  cluster.create({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: { ports: [{ name: "example", port: 80, protocol: "TCP", targetPort: 80 }], ...spec },
    status: { loadBalancer: {} },
  } as Service);

/** Both what slices and what Endpoints say of a Service: "name port" of each endpoint. */
async function endpointsOf(cluster: Cluster, name: string): Promise<{ slices: string[]; endpoints: string[] }> {
  await cluster.settle();
  const text = (target: { name?: string } | undefined, port: number | undefined) => `${target?.name} ${port}`;
  const slices = (await slicesOf(cluster, name)).flatMap(({ endpoints, ports }) =>
    (endpoints ?? []).flatMap(({ targetRef }) => (ports ?? []).map(({ port }) => text(targetRef, port))),
  );
  const { subsets } = await cluster.get(Endpoints, name);
  const endpoints = (subsets ?? []).flatMap(({ addresses, ports }) =>
    (addresses ?? []).flatMap(({ targetRef }) => (ports ?? []).map(({ port }) => text(targetRef, port))),
  );
  return { slices: slices.sort(), endpoints: endpoints.sort() };
}

for (const title of [
  "[sig-network] EndpointSlice should create and delete EndpointSlices for a Service with a selector that matches no pods [Conformance]",
  "[sig-network] EndpointsController should create and delete Endpoints for a Service with a selector that matches no pods [Conformance]",
]) {
  test(title, async (t) => {
    const cluster = await testCluster(t);
    await withService(cluster, "example-empty-selector", {
      selector: { "does-not-match-anything": "endpoints-should-be-empty" },
    });
    assert.deepEqual(await endpointsOf(cluster, "example-empty-selector"), { slices: [], endpoints: [] });
    assert.equal((await slicesOf(cluster, "example-empty-selector")).length, 1);
    await cluster.delete(Service, "example-empty-selector");
    await cluster.advance("1m");
    assert.deepEqual(await slicesOf(cluster, "example-empty-selector"), []);
    await assert.rejects(cluster.get(Endpoints, "example-empty-selector"), isNotFound);
  });
}

for (const title of [
  "[sig-network] EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service [Conformance]",
  "[sig-network] EndpointsController should create Endpoints for Pods matching a Service [Conformance]",
]) {
  test(title, async (t) => {
    const cluster = await testCluster(t, { nodes: ["a"] });
    for (const [name, port] of [
      ["pod1", 3000],
      ["pod2", 3001],
    ] as const) {
      const made = pod(name);
      made.metadata.labels = { foo: "bar", [name]: "yes" };
      made.spec.containers[0]!.ports = [{ name: "example-name", containerPort: port, protocol: "TCP" }];
      await cluster.create(made);
    }
    // The first matches one Pod by number, the second both, by the name of a port that is another in each.
    await withService(cluster, "example-int-port", { selector: { pod1: "yes" }, publishNotReadyAddresses: true });
    const named = [{ name: "http", port: 80, protocol: "TCP", targetPort: "example-name" }];
    await withService(cluster, "example-named-port", { selector: { foo: "bar" }, ports: named });
    assert.deepEqual(await endpointsOf(cluster, "example-int-port"), { slices: ["pod1 80"], endpoints: ["pod1 80"] });
    const both = ["pod1 3000", "pod2 3001"];
    assert.deepEqual(await endpointsOf(cluster, "example-named-port"), { slices: both, endpoints: both });
    const slices = await slicesOf(cluster, "example-named-port");
    assert.equal(slices.length, 2, "a slice for each number of the port");
    await cluster.delete(Pod, "pod1");
    await cluster.advance("1m");
    assert.deepEqual((await endpointsOf(cluster, "example-named-port")).slices, ["pod2 3001"]);
  });
}

test("[sig-network] EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete [Conformance]", async (t) => {
  const cluster = await testCluster(t);
  await withService(cluster, "example-custom-endpoints", {});
  const subsets = (ip: string) => [{ addresses: [{ ip }], ports: [{ name: "example", port: 80, protocol: "TCP" }] }];
  await cluster.create({
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name: "example-custom-endpoints", namespace: "default" },
    subsets: subsets("10.1.2.3"),
  } as Endpoints);
  const mirrored = async () => {
    await cluster.advance("1s");
    const slices = await slicesOf(cluster, "example-custom-endpoints");
    return slices.flatMap(({ endpoints }) => endpoints.flatMap(({ addresses }) => addresses));
  };
  assert.deepEqual(await mirrored(), ["10.1.2.3"]);
  const [slice] = await slicesOf(cluster, "example-custom-endpoints");
  assert.equal(
    slice?.metadata.labels?.["endpointslice.kubernetes.io/managed-by"],
    "endpointslicemirroring-controller.k8s.io",
  );
  await cluster.edit(Endpoints, "example-custom-endpoints", (endpoints) => {
    endpoints.subsets = subsets("10.2.3.4") as Endpoints["subsets"];
  });
  assert.deepEqual(await mirrored(), ["10.2.3.4"]);
  await cluster.delete(Endpoints, "example-custom-endpoints");
  assert.deepEqual(await mirrored(), []);
});

test("[sig-network] Service endpoints latency should not be very high [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const backend = pod("svc-latency-rc");
  backend.metadata.labels = { name: "svc-latency-rc" };
  await cluster.create(backend);
  await cluster.settle();
  const latencies: number[] = [];
  for (let i = 0; i < 100; i++) {
    const start = cluster.clock.now();
    await withService(cluster, `latency-svc-${i}`, { selector: { name: "svc-latency-rc" } });
    await cluster.until(
      async () => (await endpointsOf(cluster, `latency-svc-${i}`).catch(() => undefined))?.slices.length === 1,
      "60s",
    );
    latencies.push(cluster.clock.now() - start);
  }
  latencies.sort((a, b) => a - b);
  assert.ok(latencies[49]! < 20_000 && latencies[89]! < 50_000 && latencies[98]! < 50_000, latencies.join());
});
