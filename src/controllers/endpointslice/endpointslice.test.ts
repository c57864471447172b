import assert from "node:assert/strict";
import { test } from "node:test";
import { Endpoints, Pod, Service } from "../../api/core/v1/index.ts";
import { type Endpoint, EndpointSlice } from "../../api/discovery/v1/index.ts";
import { deployment, isReady, pod, service, testCluster } from "../../testing/index.ts";
import { planSlices } from "./plan.ts";

const slicesOf = async (cluster: Awaited<ReturnType<typeof testCluster>>, name: string) =>
  (await cluster.list(EndpointSlice, "default")).filter(
    (s) => s.metadata.labels?.["kubernetes.io/service-name"] === name,
  );

test("a Service's slice and Endpoints list its ready pods", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  await cluster.apply(service("web"), deployment("web", { replicas: 3 }));
  await cluster.settle();
  const [slice, ...more] = await slicesOf(cluster, "web");
  assert.equal(more.length, 0);
  assert.equal(slice?.addressType, "IPv4");
  assert.deepEqual(
    slice?.ports?.map((p) => [p.port, p.protocol]),
    [[80, "TCP"]],
  );
  const ips = cluster
    .pods("web")
    .map((p) => p.status.podIP)
    .sort();
  assert.deepEqual(slice?.endpoints?.flatMap((e) => e.addresses).sort(), ips);
  assert.ok(slice?.endpoints?.every((e) => e.conditions?.ready && e.conditions.serving && !e.conditions.terminating));
  assert.equal(slice?.metadata.labels?.["endpointslice.kubernetes.io/managed-by"], "endpointslice-controller.k8s.io");
  assert.equal(slice?.metadata.ownerReferences?.[0]?.kind, "Service");
  const endpoints = await cluster.get(Endpoints, "web");
  assert.deepEqual(endpoints.subsets?.[0]?.addresses?.map((a) => a.ip).sort(), ips);
});

test("a pod that is not ready, or ending, is told apart", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { stopDelay: 20_000 } });
  await cluster.apply(service("web"));
  await cluster.create(pod("web"));
  await cluster.create(
    pod("web-slow", { app: "web", annotations: { "simulation.coxswain.dev/ready-delay": "never" } }),
  );
  await cluster.settle();
  const states = async () => {
    const [slice] = await slicesOf(cluster, "web");
    return Object.fromEntries(
      (slice?.endpoints ?? []).map((e) => [
        e.targetRef?.name,
        [e.conditions?.ready, e.conditions?.serving, e.conditions?.terminating],
      ]),
    );
  };
  assert.deepEqual(await states(), { web: [true, true, false], "web-slow": [false, false, false] });
  await cluster.delete(Pod, "web");
  await cluster.settle();
  assert.deepEqual(await states(), { web: [false, true, true], "web-slow": [false, false, false] });
  const { subsets } = await cluster.get(Endpoints, "web");
  assert.deepEqual(
    subsets?.[0]?.notReadyAddresses?.map((a) => a.targetRef?.name),
    ["web-slow"],
  );
  await cluster.advance("30s");
  assert.deepEqual(await states(), { "web-slow": [false, false, false] });
});

test("publishNotReadyAddresses makes all pods ready; a named port is looked up in the pod", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { readyDelay: Number.POSITIVE_INFINITY } });
  const ports = [{ name: "web", port: 80, targetPort: "http" }];
  await cluster.apply(service("web", { spec: { publishNotReadyAddresses: true, ports, clusterIP: "None" } }));
  const containers = [{ name: "main", image: "x", ports: [{ name: "http", containerPort: 8080 }] }];
  await cluster.create(pod("web", { spec: { containers } as Partial<Pod["spec"]> }));
  await cluster.settle();
  const [slice] = await slicesOf(cluster, "web");
  assert.deepEqual(
    slice?.ports?.map((p) => [p.name, p.port]),
    [["web", 8080]],
  );
  assert.equal(slice?.endpoints?.[0]?.conditions?.ready, true);
  assert.equal(slice?.metadata.labels?.["service.kubernetes.io/headless"], "");
});

test("a Service without pods has an empty slice; deleting it takes slices and Endpoints along", async (t) => {
  const cluster = await testCluster(t);
  await cluster.apply(service("web"));
  await cluster.settle();
  assert.equal((await slicesOf(cluster, "web")).length, 1);
  await cluster.delete(Service, "web");
  await cluster.settle();
  assert.equal((await slicesOf(cluster, "web")).length, 0);
  assert.ok(!(await cluster.list(Endpoints, "default")).some((e) => e.metadata.name === "web"));
});

test("scaling writes the slice once, not once per pod", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(service("web"), deployment("web", { replicas: 30 }));
  await cluster.settle();
  assert.equal(cluster.pods("web").filter(isReady).length, 30);
  const [slice] = await slicesOf(cluster, "web");
  assert.equal(slice?.endpoints?.length, 30);
  assert.ok((slice?.metadata.generation ?? 99) < 15, `written ${slice?.metadata.generation} times`);
});

const WEB = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "default", uid: "u" },
  spec: { clusterIP: "10.0.0.1" },
  status: {},
} as unknown as Service;
const PORTS = [{ name: "", protocol: "TCP", port: 80 }];
const endpoints = (from: number, to: number): Endpoint[] =>
  Array.from({ length: to - from }, (_, i) => ({
    addresses: [`10.1.0.${from + i}`],
    conditions: { ready: true },
    targetRef: { uid: `p${from + i}` },
  }));
const plan = (existing: EndpointSlice[], wanted: Endpoint[]) =>
  planSlices(WEB, existing, [{ family: "IPv4", ports: PORTS, endpoints: wanted }]);
const counts = (slices: EndpointSlice[]) => slices.map((slice) => slice.endpoints?.length ?? 0);

test("slices hold at most a hundred endpoints", () => {
  const { create, update } = plan([], endpoints(0, 250));
  assert.deepEqual(counts(create), [100, 100, 50]);
  assert.equal(update.length, 0);
});

test("one new endpoint is one write, to the slice that has room", () => {
  const { create: slices } = plan([], endpoints(0, 250));
  const next = plan(slices, endpoints(0, 251));
  assert.deepEqual([next.create.length, next.delete.length, counts(next.update)], [0, 0, [51]]);
});

test("a replaced endpoint fills the slice it leaves; nothing changed is nothing written", () => {
  const { create: slices } = plan([], endpoints(0, 200));
  const next = plan(slices, endpoints(1, 201));
  assert.deepEqual([next.create.length, next.delete.length, counts(next.update)], [0, 0, [100]]);
  assert.deepEqual(plan(slices, endpoints(0, 200)), { create: [], update: [], delete: [] });
});

test("a slice whose endpoints are all gone is deleted, but the last one is kept empty", () => {
  const { create: slices } = plan([], endpoints(0, 150));
  const next = plan(slices, endpoints(0, 100));
  assert.deepEqual([next.update.length, next.delete.length], [0, 1]);
});

test("ready endpoints say whom they are for, when the Service prefers what is near", async (t) => {
  const node = { name: "a", labels: { "topology.kubernetes.io/zone": "z1" } };
  const cluster = await testCluster(t, { nodes: [node] });
  await cluster.apply(service("web"));
  await cluster.create(pod("web"));
  await cluster.settle();
  const hints = async (trafficDistribution?: string) => {
    await cluster.edit(Service, "web", ({ spec }) => {
      spec.trafficDistribution = trafficDistribution;
    });
    await cluster.settle();
    return (await slicesOf(cluster, "web"))[0]?.endpoints[0]?.hints;
  };
  assert.deepEqual(await hints("PreferSameZone"), { forZones: [{ name: "z1" }] });
  assert.deepEqual(await hints("PreferSameNode"), { forZones: [{ name: "z1" }], forNodes: [{ name: "a" }] });
  assert.equal(await hints(undefined), undefined);
});
