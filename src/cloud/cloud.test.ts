import assert from "node:assert/strict";
import { test } from "node:test";
import { Node, Service } from "../api/core/v1/index.ts";
import { createInformers } from "../client/index.ts";
import { service, testCluster } from "../testing/index.ts";
import { silentLogger } from "../util/logger.ts";
import { seededRandom } from "../util/random.ts";
import { type CloudProvider, type LocalMachine, localProvider, runCloudControllerManager } from "./index.ts";
import { freeAddress } from "./local/addresses.ts";
import { planRoutes } from "./routeLoop.ts";
import { servingNodes } from "./serviceLoop.ts";

/** A cluster on simulated nodes, whose machines are the test's to name. */
async function cloudy(t: Parameters<typeof testCluster>[0], provider?: Partial<CloudProvider>) {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  const machines: LocalMachine[] = ["a", "b"].map((name) => ({ name, addresses: ["192.0.2.9"], isStopped: false }));
  const stop = new AbortController();
  const { client, clock } = cluster;
  const runtime = { client, clock, random: seededRandom(2), logger: silentLogger };
  const informers = createInformers(client, runtime);
  const services = informers.informer(Service);
  const list = async () => machines;
  const local = localProvider({
    cluster: "test",
    machines: { list },
    pools: ["10.190.0.0/29"],
    services: () => services.list(),
  });
  const running = Promise.all([
    informers.run(stop.signal),
    runCloudControllerManager({ ...runtime, informers, provider: { ...local, ...provider } }, stop.signal),
  ]);
  t.after(async () => {
    stop.abort();
    await running.catch(() => {}); // it ends because it was told to
  });
  await cluster.settle();
  return { cluster, machines };
}

const balancer = (name: string, spec: Partial<Service["spec"]> = {}) =>
  service(name, { spec: { type: "LoadBalancer", ...spec } });
const addressOf = ({ status }: Service) => status.loadBalancer?.ingress?.[0]?.ip;

test("nodes are told what their machines are, and go when those are gone", async (t) => {
  const { cluster, machines } = await cloudy(t);
  const node = await cluster.get(Node, "a");
  assert.equal(node.spec.providerID, "coxswain://test/a");
  assert.equal(node.metadata.labels?.["node.kubernetes.io/instance-type"], "host");
  assert.ok(node.status.addresses?.some(({ address }) => address === "192.0.2.9"));
  machines[1] = { ...machines[1]!, isStopped: true };
  cluster.silence("b");
  await cluster.advance("1m");
  const taints = (await cluster.get(Node, "b")).spec.taints?.map(({ key }) => key);
  assert.ok(taints?.includes("node.cloudprovider.kubernetes.io/shutdown"));
  machines.pop();
  await cluster.advance("10s");
  assert.deepEqual(
    (await cluster.list(Node)).map(({ metadata }) => metadata.name),
    ["a"],
  );
});

test("a Service of type LoadBalancer gets an address, keeps it, and gives it back", async (t) => {
  const { cluster } = await cloudy(t);
  await cluster.apply(balancer("one"));
  await cluster.apply(balancer("two", { loadBalancerIP: "10.190.0.5" }));
  await cluster.settle();
  const one = await cluster.get(Service, "one");
  assert.equal(addressOf(one), "10.190.0.1");
  assert.deepEqual(one.metadata.finalizers, ["service.kubernetes.io/load-balancer-cleanup"]);
  assert.equal(addressOf(await cluster.get(Service, "two")), "10.190.0.5");
  const events = cluster.events("one").map((event) => event.split(" ")[0]);
  assert.deepEqual(events, ["EnsuringLoadBalancer", "EnsuredLoadBalancer"]);
  await cluster.edit(Service, "one", ({ spec }) => {
    spec.ports = [{ port: 81 } as never];
  });
  await cluster.settle();
  assert.equal(addressOf(await cluster.get(Service, "one")), "10.190.0.1");
  await cluster.edit(Service, "one", ({ spec }) => {
    spec.type = "ClusterIP";
  });
  await cluster.settle();
  const plain = await cluster.get(Service, "one");
  assert.deepEqual([addressOf(plain), plain.metadata.finalizers], [undefined, undefined]);
  await cluster.delete(Service, "two");
  await cluster.settle();
  assert.equal((await cluster.list(Service, "default")).filter(({ metadata }) => metadata.name === "two").length, 0);
});

test("what cannot be had is said, and another class is somebody else's", async (t) => {
  const { cluster } = await cloudy(t);
  await cluster.apply(balancer("far", { loadBalancerIP: "203.0.113.1" }));
  await cluster.apply(balancer("other", { loadBalancerClass: "example.com/theirs" }));
  await cluster.settle();
  assert.match(
    cluster.events("far").join("\n"),
    /SyncLoadBalancerFailed .*Error syncing load balancer: address 203.0.113.1 is not one of 10.190.0.0\/29/,
  );
  assert.deepEqual(cluster.events("other"), []);
});

test("routes follow the nodes' ranges, where the cloud has routes", async (t) => {
  const routes: { name: string; node: string; cidr: string }[] = [{ name: "old", node: "a", cidr: "10.9.9.0/24" }];
  const { cluster } = await cloudy(t, {
    routes: {
      list: async () => [...routes],
      create: async (route) => void routes.push({ ...route, name: `${route.node} ${route.cidr}` }),
      remove: async (route) =>
        void routes.splice(
          routes.findIndex(({ name }) => name === route.name),
          1,
        ),
    },
  });
  await cluster.settle();
  assert.deepEqual(routes.map(({ name }) => name).sort(), ["a 10.128.0.0/24", "b 10.128.1.0/24"]);
  const condition = (await cluster.get(Node, "a")).status.conditions?.find(({ type }) => type === "NetworkUnavailable");
  assert.deepEqual([condition?.status, condition?.reason], ["False", "RouteCreated"]);
  await cluster.delete(Node, "b");
  await cluster.settle();
  assert.deepEqual(
    routes.map(({ node }) => node),
    ["a"],
  );
});

test("routes, addresses and the nodes that serve are decided by what there is", () => {
  const routes = [
    { name: "r", node: "a", cidr: "10.0.0.0/24" },
    { name: "s", node: "b", cidr: "10.0.1.0/24" },
  ];
  assert.deepEqual(planRoutes("a", ["10.0.2.0/24"], routes), { create: ["10.0.2.0/24"], remove: [routes[0]] });
  assert.equal(freeAddress("10.190.0.0/29", new Set(["10.190.0.1"])), "10.190.0.2");
  assert.throws(() => freeAddress("10.190.0.0/30", new Set(["10.190.0.1", "10.190.0.2"])), /all addresses/);
  assert.throws(() => freeAddress("10.190.0.0/29", new Set(["10.190.0.2"]), "10.190.0.2"), /taken/);
  const ready = (name: string, status: string, labels = {}) =>
    ({ metadata: { name, labels }, status: { conditions: [{ type: "Ready", status }] } }) as unknown as Node;
  const excluded = { "node.kubernetes.io/exclude-from-external-load-balancers": "" };
  const nodes = [ready("b", "True"), ready("c", "False"), ready("d", "True", excluded), ready("a", "True")];
  assert.deepEqual(
    servingNodes(nodes).map(({ metadata }) => metadata.name),
    ["a", "b"],
  );
});

test("an address of each IP family that the Service has", async () => {
  const ensure = async (ipFamilies: Service["spec"]["ipFamilies"], pools = ["10.190.0.0/29", "fd00:190::/112"]) => {
    const provider = localProvider({ cluster: "test", machines: { list: async () => [] }, pools, services: () => [] });
    const ingress = await provider.loadBalancers!.ensure(
      { ...balancer("one", { ipFamilies }), status: { loadBalancer: {} } } as Service,
      [],
    );
    return ingress.map(({ ip }) => ip);
  };
  assert.deepEqual(await ensure(["IPv4"]), ["10.190.0.1"]);
  assert.deepEqual(await ensure(["IPv6", "IPv4"]), ["fd00:190::1", "10.190.0.1"]);
  await assert.rejects(ensure(["IPv6"], ["10.190.0.0/29"]), /no IPv6 addresses/);
});
