import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Node, Service, ServiceSpec } from "../../api/core/v1/index.ts";
import { VirtualClock } from "../../util/clock.ts";
import { seededRandom } from "../../util/random.ts";
import { type EmulatorOptions, startEmulator } from "./emulator.ts";
import { createLinodeProvider, type LinodeConfig } from "./index.ts";

/** Whoever sleeps on it wakes at once, and the time has passed. */
class PassingClock extends VirtualClock {
  readonly slept: number[] = [];
  override async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    const until = this.now() + ms;
    while (this.step(until));
  }
}

const WORKERS = { id: "workers", min: 0, max: 20, type: "g6-standard-2", image: "linode/debian13" };

async function linode(t: TestContext, config: Partial<LinodeConfig> = {}, limits: EmulatorOptions["limits"] = {}) {
  const clock = new PassingClock();
  const emulator = await startEmulator({ token: "right", clock, limits });
  t.after(() => emulator.close());
  const provider = createLinodeProvider({
    token: "right",
    region: "eu-central",
    cluster: "test",
    apiUrl: emulator.url,
    nodeGroups: [{ ...WORKERS, userData: "#cloud-config\n", labels: { pool: "workers" } }],
    clock,
    random: seededRandom(1),
    ...config,
  });
  const { instances, loadBalancers, nodeGroups } = provider;
  return { ...emulator, clock, provider, instances: instances!, balancers: loadBalancers!, groups: nodeGroups! };
}

const machine = (label: string, more = {}) => ({
  label,
  region: "eu-central",
  type: "g6-nanode-1",
  image: "linode/debian13",
  root_pass: "secret",
  private_ip: true,
  ...more,
});
const node = (name: string, address?: string, providerID = "") =>
  ({
    metadata: { name },
    spec: { providerID },
    status: { addresses: address ? [{ type: "InternalIP", address }] : [] },
  }) as unknown as Node;
const NODES = [node("a", "192.168.128.1"), node("b", "192.168.200.2")];
const service = (spec: Partial<ServiceSpec> = {}, annotations: Record<string, string> = {}) =>
  ({
    metadata: { name: "web", namespace: "default", uid: "0b7a2c1e-5d7f-4a51-9f0e-3f1d2c4b5a69", annotations },
    spec: { type: "LoadBalancer", ports: [{ port: 80, nodePort: 30080, protocol: "TCP" }], ...spec },
  }) as unknown as Service;

test("finds a node's machine by label, then by providerID, and sees that it is stopped or gone", async (t) => {
  const { account, instances } = await linode(t);
  const made = account.createLinode(machine("worker-1"));
  const found = await instances.of(node("worker-1"));
  assert.deepEqual(found, {
    providerID: `linode://${made.id}`,
    name: "worker-1",
    type: "g6-nanode-1",
    region: "eu-central",
    addresses: [
      { type: "InternalIP", address: made.ipv4[1] },
      { type: "ExternalIP", address: made.ipv4[0] },
      { type: "Hostname", address: "worker-1" },
    ],
    state: "running",
  });
  made.status = "offline";
  assert.equal((await instances.of(node("renamed", undefined, found?.providerID)))?.state, "stopped");
  account.deleteLinode(String(made.id));
  assert.equal(await instances.of(node("worker-1", undefined, found?.providerID)), undefined);
  assert.equal(await instances.of(node("worker-1")), undefined);
});

test("a machine of another cloud is not asked for; a providerID that is none is an error", async (t) => {
  const { instances, calls } = await linode(t);
  assert.equal(await instances.of(node("a", undefined, "coxswain://here/a")), undefined);
  await assert.rejects(instances.of(node("a", undefined, "linode://1/../2")), /not of the form linode:\/\/<number>/);
  assert.deepEqual(calls, []);
});

test("without a VPC there are no routes to offer", async (t) => {
  assert.equal((await linode(t)).provider.routes, undefined);
});

test("a VPC routes to the Pods of each machine that is in it", async (t) => {
  const { account, provider, groups, calls } = await linode(t, { vpc: { id: 7, subnet: 8 } });
  const routes = provider.routes!;
  await groups.grow("workers", 2);
  account.createLinode(machine("outside"));
  const [a, b] = (await groups.list())[0]!.members;
  assert.deepEqual(await routes.list(), []);
  await routes.create({ node: a!, cidr: "10.244.1.0/24" });
  await routes.create({ node: b!, cidr: "10.244.2.0/24" });
  const changes = () => calls.filter((call) => call.startsWith("PUT")).length;
  assert.equal(changes(), 2);
  await routes.create({ node: b!, cidr: "10.244.2.0/24" });
  assert.equal(changes(), 2, "what is so already is not done again");
  assert.deepEqual(
    (await routes.list()).map(({ node, cidr }) => [node, cidr]),
    [
      [a, "10.244.1.0/24"],
      [b, "10.244.2.0/24"],
    ],
  );
  await routes.remove((await routes.list())[0]!);
  await groups.giveBack("workers", b!);
  assert.deepEqual(await routes.list(), []);
  const nowhere = /machine "outside" has no interface in VPC 7/;
  await assert.rejects(routes.create({ node: "outside", cidr: "10.244.3.0/24" }), nowhere);
  await assert.rejects(routes.create({ node: a!, cidr: "192.0.2.0/24" }), /400 ip_ranges: Must be within the subnet/);
});

test("the SDK gives a machine one range only, which is said", async (t) => {
  const { provider, groups } = await linode(t, { vpc: { id: 7, subnet: 8 } });
  await groups.grow("workers", 1);
  const node = (await groups.list())[0]!.members[0]!;
  await provider.routes!.create({ node, cidr: "10.244.1.0/24" });
  const second = provider.routes!.create({ node, cidr: "10.245.1.0/24" });
  await assert.rejects(second, /ip_ranges: ip_ranges field must have less than or equal to 1 items/);
});

test("a Service gets a NodeBalancer with its ports and the nodes' private addresses", async (t) => {
  const { account, balancers } = await linode(t);
  const ingress = await balancers.ensure(service(), [...NODES, node("elsewhere", "10.0.0.1")]);
  const [balancer, ...others] = account.balancers();
  assert.equal(others.length, 0);
  assert.deepEqual(ingress, [{ ip: balancer!.ipv4, hostname: balancer!.hostname, ipMode: "Proxy" }]);
  assert.deepEqual(balancer!.tags, ["service:0b7a2c1e-5d7f-4a51-9f0e-3f1d2c4b5a69", "cluster:test"]);
  const [config] = account.configs(balancer!.id);
  assert.deepEqual(
    [config!.port, config!.protocol, config!.check, config!.stickiness, config!.algorithm],
    [80, "tcp", "connection", "none", "roundrobin"],
  );
  assert.deepEqual(
    account.nodes(balancer!.id, config!.id).map(({ address, label, mode }) => [label, address, mode]),
    [
      ["node-a", "192.168.128.1:30080", "accept"],
      ["node-b", "192.168.200.2:30080", "accept"],
    ],
  );
});

test("what is as it should be is only read", async (t) => {
  const { balancers, calls } = await linode(t);
  await balancers.ensure(service(), NODES);
  calls.length = 0;
  await balancers.ensure(service(), NODES.toReversed());
  assert.ok(calls.length > 0);
  assert.deepEqual(
    calls.filter((call) => !call.startsWith("GET ")),
    [],
  );
});

test("ports, nodes, stickiness and throttle follow the Service", async (t) => {
  const { account, balancers } = await linode(t);
  await balancers.ensure(service(), NODES);
  const { id } = account.balancers()[0]!;
  const ports = [
    { port: 443, nodePort: 30443, protocol: "TCP", targetPort: 0 },
    { port: 53, nodePort: 30053, protocol: "UDP", targetPort: 0 },
  ];
  const sticky = service(
    { ports, sessionAffinity: "ClientIP" },
    {
      "service.beta.kubernetes.io/linode-loadbalancer-throttle": "5",
      "service.beta.kubernetes.io/linode-loadbalancer-default-proxy-protocol": "v2",
    },
  );
  await balancers.ensure(sticky, NODES.slice(1));
  assert.deepEqual(
    account.configs(id).map((one) => [one.protocol, one.port, one.algorithm, one.stickiness, one.proxy_protocol]),
    [
      ["tcp", 443, "source", "table", "v2"],
      ["udp", 53, "roundrobin", "source_ip", "none"],
    ],
  );
  assert.deepEqual(
    account.configs(id).flatMap((config) => account.nodes(id, config.id).map(({ address }) => address)),
    ["192.168.200.2:30443", "192.168.200.2:30053"],
  );
  assert.equal(account.balancers()[0]?.client_conn_throttle, 5);
  await balancers.ensure(sticky, []);
  assert.deepEqual(
    account.configs(id).flatMap((config) => account.nodes(id, config.id)),
    [],
  );
});

test("UDP with externalTrafficPolicy Local is checked at the health check port", async (t) => {
  const { account, balancers } = await linode(t);
  const ports = [{ port: 53, nodePort: 30053, protocol: "UDP", targetPort: 0 }];
  await balancers.ensure(service({ ports, externalTrafficPolicy: "Local", healthCheckNodePort: 31000 }), NODES);
  const [config] = account.configs(account.balancers()[0]!.id);
  assert.deepEqual([config!.check, config!.check_path, config!.udp_check_port], ["http", "/healthz", 31000]);
});

test("source ranges are a firewall, which is there before its NodeBalancer", async (t) => {
  const { account, balancers, calls } = await linode(t);
  const ranges = ["198.51.100.0/24", "2001:db8::/32"];
  await balancers.ensure(service({ loadBalancerSourceRanges: ranges }), NODES);
  const [firewall] = account.firewalls.list();
  const [balancer] = account.balancers();
  assert.deepEqual(firewall?.entities, [{ id: balancer?.id, type: "nodebalancer" }]);
  assert.equal(firewall?.rules.inbound_policy, "DROP");
  assert.deepEqual(
    firewall?.rules.inbound?.map(({ action, protocol, ports, addresses }) => [action, protocol, ports, addresses]),
    [["ACCEPT", "TCP", "80", { ipv4: [ranges[0]], ipv6: [ranges[1]] }]],
  );
  const posts = calls.filter((call) => call.startsWith("POST"));
  assert.deepEqual(posts, ["POST /networking/firewalls", "POST /nodebalancers"]);
  calls.length = 0;
  await balancers.ensure(service({ loadBalancerSourceRanges: ranges }), NODES);
  assert.equal(
    calls.every((call) => call.startsWith("GET ")),
    true,
  );
});

test("source ranges follow the Service, and go with it", async (t) => {
  const { account, balancers } = await linode(t);
  await balancers.ensure(service(), NODES);
  assert.deepEqual(account.firewalls.list(), [], "everybody may");
  await balancers.ensure(service({ loadBalancerSourceRanges: ["198.51.100.0/24"] }), NODES);
  assert.equal(account.firewalls.list()[0]?.entities.length, 1);
  const ports = Array.from({ length: 17 }, (_, i) => ({ port: 81 + i, nodePort: 30081 + i, protocol: "TCP" }));
  const many = { ports, loadBalancerSourceRanges: ["192.0.2.7/32"] } as unknown as Partial<ServiceSpec>;
  await balancers.ensure(service(many), NODES);
  const inbound = account.firewalls.list()[0]?.rules.inbound;
  assert.deepEqual(
    inbound?.map(({ ports: list }) => list.split(",").length),
    [15, 2],
  );
  assert.deepEqual(inbound?.[0]?.addresses.ipv4, ["192.0.2.7/32"]);
  await balancers.ensure(service(), NODES);
  assert.deepEqual(account.firewalls.list(), []);
  await balancers.ensure(service(many), NODES);
  await balancers.remove(service(many));
  assert.deepEqual([account.firewalls.list(), account.balancers()], [[], []]);
});

test("what a NodeBalancer cannot do is said before anything is made", async (t) => {
  const { account, balancers } = await linode(t);
  const port = (more: object) => ({ ports: [{ port: 80, nodePort: 30080, protocol: "TCP", targetPort: 0, ...more }] });
  const throttle = { "service.beta.kubernetes.io/linode-loadbalancer-throttle": "21" };
  const cases: [Service, readonly Node[], RegExp][] = [
    [service(port({ protocol: "SCTP" })), NODES, /port 80: NodeBalancers do not speak SCTP/],
    [service(port({ nodePort: 0 })), NODES, /port 80: a NodeBalancer needs a node port/],
    [service(), [node("a", "10.0.0.1")], /no node has a private IPv4 address/],
    [service({}, throttle), NODES, /throttle is "21": 0 to 20/],
  ];
  for (const [of, nodes, message] of cases) await assert.rejects(balancers.ensure(of, nodes), message);
  assert.deepEqual(account.balancers(), []);
});

test("a crash after the NodeBalancer was made leaves one, which is found again", async (t) => {
  const { account, balancers, loseAnswer } = await linode(t);
  loseAnswer(/^POST \/nodebalancers$/);
  await assert.rejects(balancers.ensure(service(), NODES), /Linode: POST \/nodebalancers: /);
  const [made] = account.balancers();
  const [ingress] = await balancers.ensure(service(), NODES);
  assert.deepEqual(account.balancers(), [made]);
  assert.equal(ingress?.ip, made?.ipv4);
});

test("a crash between a new port and its nodes is made good", async (t) => {
  const { account, balancers, fail } = await linode(t);
  await balancers.ensure(service({ ports: [] }), NODES);
  fail(/\/rebuild$/, { status: 500, reason: "Internal server error" });
  await assert.rejects(balancers.ensure(service(), NODES), /rebuild: 500 Internal server error/);
  await balancers.ensure(service(), NODES);
  const { id } = account.balancers()[0]!;
  assert.deepEqual(
    account.configs(id).map((config) => account.nodes(id, config.id).length),
    [2],
  );
});

test("two that ensure at once make one; one too many, however it came, goes", async (t) => {
  const { account, balancers } = await linode(t);
  const both = await Promise.allSettled([balancers.ensure(service(), NODES), balancers.ensure(service(), NODES)]);
  assert.equal(account.balancers().length, 1, JSON.stringify(both));
  const [made] = account.balancers();
  account.createBalancer({ region: "eu-central", label: "by-hand", tags: made?.tags });
  account.createBalancer({ region: "eu-central", label: "of-another", tags: ["service:other"] });
  await balancers.ensure(service(), NODES);
  assert.deepEqual(
    account.balancers().map(({ label }) => label),
    [made?.label, "of-another"],
  );
});

test("removing takes the Service's NodeBalancer away, and may be repeated", async (t) => {
  const { account, balancers, loseAnswer } = await linode(t);
  await balancers.ensure(service(), NODES);
  loseAnswer(/^DELETE/);
  await assert.rejects(balancers.remove(service()));
  await balancers.remove(service());
  assert.deepEqual(account.balancers(), []);
});

test("a group grows by machines as configured, and gives them back", async (t) => {
  const { account, groups } = await linode(t);
  await groups.grow("workers", 2);
  const { members, template, ...limits } = (await groups.list())[0]!;
  assert.deepEqual(limits, { id: "workers", min: 0, max: 20 });
  assert.equal(members.length, 2);
  for (const name of members) assert.match(name, /^test-workers-[a-z0-9]{5}$/);
  assert.equal(template.status.allocatable?.memory, "4096Mi");
  assert.equal(template.metadata.labels?.pool, "workers");
  const [made] = account.created.values();
  assert.deepEqual(made?.metadata, { user_data: Buffer.from("#cloud-config\n").toString("base64") });
  assert.deepEqual([made?.private_ip, made?.booted, made?.image], [true, true, "linode/debian13"]);
  await groups.giveBack("workers", members[0]!);
  await groups.giveBack("workers", members[0]!);
  assert.deepEqual((await groups.list())[0]?.members, [members[1]]);
});

test("a group keeps to its limit and never gives back what is not its own", async (t) => {
  const { account, groups, calls } = await linode(t);
  account.createLinode(machine("database"));
  await groups.giveBack("workers", "database");
  assert.equal(account.linodes.size, 1);
  await assert.rejects(groups.grow("workers", 21), /node group "workers" has 0 of at most 20 machines/);
  await assert.rejects(groups.grow("others", 1), /there is no node group "others"/);
  assert.equal(calls.includes("POST /linode/instances"), false);
});

test("a machine whose making nobody heard of is a member", async (t) => {
  const { account, groups, loseAnswer } = await linode(t);
  loseAnswer(/^POST \/linode\/instances$/);
  await assert.rejects(groups.grow("workers", 1), /Linode: POST \/linode\/instances: /);
  const [made] = account.linodes.values();
  assert.deepEqual((await groups.list())[0]?.members, [made?.label]);
});

test("lists are read to their last page", async (t) => {
  const { account, groups, calls } = await linode(t);
  for (let i = 0; i < 1234; i++) account.createLinode(machine(`m-${i}`, { tags: ["group:test/workers"] }));
  const [group] = await groups.list();
  assert.equal(new Set(group?.members).size, 1234);
  assert.equal(calls.filter((call) => call === "GET /linode/instances").length, 3);
});

test("who called too often waits as long as told, then goes on", async (t) => {
  const { account, groups, clock } = await linode(t);
  await groups.grow("workers", 12);
  assert.equal(account.linodes.size, 12);
  assert.deepEqual(clock.slept, [30_000]);
});

test("who is told to wait again and again gives up, and so does who would wait for hours", async (t) => {
  const never = await linode(t, {}, { newMachines: { calls: 0, per: 10_000 } });
  await assert.rejects(never.groups.grow("workers", 1), /POST \/linode\/instances: 429 Too many requests/);
  assert.deepEqual(never.clock.slept, [10_000, 10_000, 10_000, 10_000]);
  const hours = await linode(t, {}, { newMachines: { calls: 0, per: 3_600_000 } });
  await assert.rejects(hours.groups.grow("workers", 1), /429 Too many requests/);
  assert.deepEqual(hours.clock.slept, []);
});

test("errors say what was asked, what was answered, and never the token", async (t) => {
  const { balancers, instances } = await linode(t, { token: "very-wrong" });
  const message = /^Linode: GET \/linode\/instances: 401 Invalid Token \(the token is wrong or has expired\)$/;
  await assert.rejects(instances.of(node("a")), (error: Error) => {
    assert.match(error.message, message);
    assert.doesNotMatch(String(error.stack), /very-wrong/);
    return true;
  });
  await assert.rejects(balancers.ensure(service(), NODES), /401 Invalid Token/);
  const nowhere = await linode(t, { region: "mars" });
  await assert.rejects(nowhere.balancers.ensure(service(), NODES), /nodebalancers: 400 region: region is not valid/);
  await nowhere.close();
  await assert.rejects(
    nowhere.instances.of(node("a")),
    /Linode: GET \/linode\/instances: (.*ECONNREFUSED|socket hang up)/,
  );
});

test("a proxy's page instead of JSON is an error with its text, whatever its status", async (t) => {
  const { instances, fail } = await linode(t);
  fail(/instances/, { status: 502, reason: "<h1>Bad Gateway</h1>", isPage: true });
  await assert.rejects(instances.of(node("a")), /GET \/linode\/instances: 502 <h1>Bad Gateway<\/h1>/);
  fail(/instances/, { status: 200, reason: "<h1>Log in</h1>", isPage: true });
  await assert.rejects(instances.of(node("a")), /the answer is no JSON: <h1>Log in<\/h1>/);
});

test("while the API is being repaired, reading waits as told; what changes things is left to the caller", async (t) => {
  const { clock, balancers, instances, fail, calls } = await linode(t);
  fail(/instances/, { status: 503, reason: "Maintenance", retryAfter: 7 });
  assert.equal(await instances.of(node("a")), undefined);
  assert.deepEqual(clock.slept, [7_000]);
  fail(/^POST/, { status: 503, reason: "Maintenance", retryAfter: 7 });
  await assert.rejects(balancers.ensure(service(), NODES), /503 Maintenance/);
  assert.equal(calls.filter((call) => call.startsWith("POST")).length, 1);
});

test("what the SDK itself finds wrong is never sent", async (t) => {
  const { balancers, calls } = await linode(t);
  const named = node("a name with blanks", "192.168.128.1");
  const message = "Linode: POST /nodebalancers: configs[0].nodes[0].label: Label may only contain";
  await assert.rejects(balancers.ensure(service(), [named]), ({ message: text }: Error) => text.startsWith(message));
  assert.equal(calls.includes("POST /nodebalancers"), false);
});

test("without a node a NodeBalancer has no ports, and keeps its address", async (t) => {
  const { account, balancers } = await linode(t);
  const before = await balancers.ensure(service(), NODES);
  const [{ id } = { id: 0 }] = account.balancers();
  assert.deepEqual(await balancers.ensure(service(), []), before);
  assert.deepEqual(account.configs(id), []);
  await balancers.ensure(service(), NODES);
  assert.equal(account.configs(id).length, 1);
});

test("more nodes than a page has are all known", async (t) => {
  const { balancers, calls } = await linode(t);
  const many = Array.from({ length: 130 }, (_, i) => node(`n-${i}`, `192.168.200.${i}`));
  await balancers.ensure(service(), many);
  calls.length = 0;
  await balancers.ensure(service(), many);
  assert.equal(
    calls.every((call) => call.startsWith("GET ")),
    true,
  );
});

test("two accounts in one process do not see each other", async (t) => {
  const [one, other] = [await linode(t), await linode(t, { token: "right" })];
  one.account.createLinode(machine("here"));
  const found = await Promise.all([one, other].map(({ instances }) => instances.of(node("here"))));
  assert.deepEqual(
    found.map((instance) => instance?.name),
    ["here", undefined],
  );
});

test("what is declared of the SDK is there", async () => {
  const declared = readFileSync(new URL("sdk.d.ts", import.meta.url), "utf8");
  const names = [...declared.matchAll(/export function (\w+)/g)].map(([, name]) => name!);
  const sdk: Record<string, unknown> = { ...(await import("@linode/api-v4")) };
  assert.ok(names.length > 20);
  assert.deepEqual(
    names.filter((name) => typeof sdk[name] !== "function"),
    [],
  );
});

test("the SDK is loaded by whoever asks Linode, and by nobody else", () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => /(?<!\.d)\.ts$/.test(file));
  const importers = files.filter((file) =>
    /^import (?!type\b)[^;]*"@linode\/api-v4"/m.test(readFileSync(join(root, file), "utf8")),
  );
  assert.deepEqual(importers, []);
});
