/** Several API servers over one store, and what one of them left behind. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Service } from "../../api/core/v1/index.ts";
import { allKinds } from "../../api/index.ts";
import { IPAddress } from "../../api/networking/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { createClient } from "../../client/createClient.ts";
import { createMemoryBackend } from "../../store/memory.ts";
import { VirtualClock } from "../../util/clock.ts";
import { silentLogger } from "../../util/logger.ts";
import { seededRandom } from "../../util/random.ts";
import { createApiServer } from "../index.ts";
import { ADMIN } from "../testServer.ts";
import { planRepair } from "./serviceRepair.ts";

/** Servers that choose alike, so that they want the same numbers at the same time. */
async function servers(t: TestContext, count: number, serviceCIDR = "10.96.0.0/24") {
  const backend = createMemoryBackend();
  const clock = new VirtualClock();
  const start = () =>
    createApiServer({
      backend,
      clock,
      random: seededRandom(1),
      logger: silentLogger,
      kinds: allKinds,
      serviceCIDR,
      nodePortRange: "30000-30099",
      advertiseAddress: "192.0.2.1",
    });
  const all = await Promise.all(Array.from({ length: count }, start));
  t.after(async () => {
    for (const server of all) await server.close();
    await backend.close();
  });
  return { backend, clock, clients: all.map((server) => createClient(server.directTransport(ADMIN))) };
}

const service = (name: string, spec: Partial<Service["spec"]> = {}) =>
  ({ metadata: { name, namespace: "default" }, spec: { ports: [{ port: 80 }], ...spec } }) as Service;

test("no two servers give the same address or node port", async (t) => {
  const { clients } = await servers(t, 3);
  const made = await Promise.all(
    Array.from({ length: 60 }, (_, i) => clients[i % 3]!.create(Service, service(`s${i}`, { type: "NodePort" }))),
  );
  assert.equal(new Set(made.map(({ spec }) => spec.clusterIP)).size, 60);
  assert.equal(new Set(made.map(({ spec }) => spec.ports![0]!.nodePort)).size, 60);
  const wanted = await Promise.allSettled(
    clients.map((client, i) => client.create(Service, service(`w${i}`, { clusterIP: "10.96.0.5" }))),
  );
  assert.equal(wanted.filter(({ status }) => status === "fulfilled").length, 1);
});

test("an address goes with its Service, whichever server removes it", async (t) => {
  const { clients } = await servers(t, 2);
  const { spec } = await clients[0]!.create(Service, service("a"));
  await clients[1]!.delete(Service, { namespace: "default", name: "a" });
  await assert.rejects(clients[0]!.get(IPAddress, { name: spec.clusterIP! }), isNotFound);
  await clients[0]!.create(Service, service("b", { clusterIP: spec.clusterIP }));
});

test("what was taken for a Service that never came is free again after a while", async (t) => {
  const { backend, clock, clients } = await servers(t, 1);
  const [client] = clients;
  await client!.create(IPAddress, {
    metadata: { name: "10.96.0.7", labels: { "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io" } },
    spec: { parentRef: { resource: "services", namespace: "default", name: "lost" } },
  });
  await backend.create(
    "/registry/ranges/servicenodeports/30050",
    Buffer.from(JSON.stringify({ namespace: "default", name: "lost", at: clock.now() })),
  );
  const until = clock.now() + 400_000;
  while (clock.step(until)) await new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  const ports = [{ port: 80, nodePort: 30_050 }] as Service["spec"]["ports"];
  await client!.create(Service, service("found", { clusterIP: "10.96.0.7", type: "NodePort", ports }));
});

test("what two Services claim belongs to the one that it is marked for", () => {
  const one = service("one", { clusterIP: "10.96.0.9" });
  const two = service("two", { clusterIP: "10.96.0.9" });
  const holder = { namespace: "default", name: "two" };
  const plan = planRepair([one, two], ({ spec }) => [spec.clusterIP!], [{ what: "10.96.0.9", holder, at: 0 }], 1e6);
  assert.deepEqual(plan, { missing: [], leftOver: [] });
});

test("with ranges of both families a Service has one address or two, as it asks", async (t) => {
  const { clients } = await servers(t, 1, "10.96.0.0/24,fd00:10:96::/112");
  const client = clients[0]!;
  const families = async (name: string, spec: Partial<Service["spec"]>) => {
    const made = await client.create(Service, service(name, spec));
    assert.equal(made.spec.clusterIP, made.spec.clusterIPs![0]);
    return [made.spec.ipFamilyPolicy, ...made.spec.ipFamilies!, made.spec.clusterIPs!.length];
  };
  assert.deepEqual(await families("plain", {}), ["SingleStack", "IPv4", 1]);
  assert.deepEqual(await families("six", { ipFamilies: ["IPv6"] }), ["SingleStack", "IPv6", 1]);
  const prefer = { ipFamilyPolicy: "PreferDualStack" };
  assert.deepEqual(await families("both", prefer), ["PreferDualStack", "IPv4", "IPv6", 2]);
  const turned = { ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv6"] };
  assert.deepEqual(await families("turned", turned), ["RequireDualStack", "IPv6", "IPv4", 2]);
  await assert.rejects(
    client.create(Service, service("no", { ipFamilies: ["IPv4", "IPv6"] })),
    /spec.ipFamilyPolicy: Invalid value: null: must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families/,
  );
});

test("a Service gains and loses its second address with its policy", async (t) => {
  const { clients } = await servers(t, 1, "10.96.0.0/24,fd00:10:96::/112");
  const client = clients[0]!;
  const one = await client.create(Service, service("a"));
  const key = { namespace: "default", name: "a" };
  const two = await client.patch(Service, key, "merge", { spec: { ipFamilyPolicy: "PreferDualStack" } });
  assert.equal(two.spec.clusterIPs![0], one.spec.clusterIP);
  const second = two.spec.clusterIPs![1]!;
  assert.match(second, /^fd00:10:96::/);
  await client.get(IPAddress, { name: second });
  const back = await client.patch(Service, key, "merge", { spec: { ipFamilyPolicy: "SingleStack" } });
  assert.deepEqual(back.spec.clusterIPs, [one.spec.clusterIP]);
  assert.deepEqual(back.spec.ipFamilies, ["IPv4"]);
  await assert.rejects(client.get(IPAddress, { name: second }), isNotFound);
});

test("a cluster of one family says what it cannot give", async (t) => {
  const { clients } = await servers(t, 1);
  const client = clients[0]!;
  await assert.rejects(
    client.create(Service, service("a", { ipFamilyPolicy: "RequireDualStack" })),
    /spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services/,
  );
  await assert.rejects(
    client.create(Service, service("a", { ipFamilies: ["IPv6"] })),
    /spec.ipFamilies\[0\]: Invalid value: "IPv6": not configured on this cluster/,
  );
  const { spec } = await client.create(Service, service("a", { ipFamilyPolicy: "PreferDualStack" }));
  assert.deepEqual(spec.ipFamilies, ["IPv4"]);
});
