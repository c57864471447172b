import assert from "node:assert/strict";
import { test } from "node:test";
import { Node } from "../api/core/v1/index.ts";
import { forwardingCommands, masqueradeRules, routeCommands } from "./kernel.ts";
import { blocksOf, type KernelRoute, lookUp, networkIdentifier, peersOf, planRoutes } from "./plan.ts";

const TABLE: KernelRoute[] = [
  { dst: "0.0.0.0/0", gateway: "10.160.0.1", dev: "eth0" },
  { dst: "10.160.0.0/16", dev: "eth0" },
  { dst: "192.0.2.2", dev: "eth0" },
  { dst: "::/0", gateway: "fe80::1", dev: "eth1" },
  { dst: "fd00:10:160::/64", dev: "eth0" },
];

test("the longest prefix decides how an address is reached, then the smallest metric", () => {
  assert.deepEqual(lookUp("10.160.0.3", TABLE), { device: "eth0" });
  assert.deepEqual(lookUp("192.0.2.2", TABLE), { device: "eth0" });
  assert.deepEqual(lookUp("192.0.2.3", TABLE), { device: "eth0", gateway: "10.160.0.1" });
  assert.equal(lookUp("192.0.2.3", []), undefined);
  assert.deepEqual(lookUp("fd00:10:160::3", TABLE), { device: "eth0" });
  assert.deepEqual(lookUp("2001:db8::3", TABLE), { device: "eth1", gateway: "fe80::1" });
  const two = [
    ...TABLE,
    { dst: "192.0.2.0/24", dev: "a", metric: 600 },
    { dst: "192.0.2.0/24", dev: "b", metric: 100 },
  ];
  assert.deepEqual(lookUp("192.0.2.3", two), { device: "b" });
});

const PRETENDING = { name: "pretending", annotations: { "simulation.coxswain.dev/node": "true" } };

test("peers are the other nodes that have an address and a block", () => {
  const nodes = [
    node("self", "10.160.0.2", "10.244.1.0/24"),
    node("b", "10.160.0.3", "10.244.2.0/24"),
    node("a", "192.0.2.2", "10.244.0.0/24"),
    node("new", "10.160.0.4"),
    { ...node("pretending", "10.1.0.1", "10.244.3.0/24"), metadata: PRETENDING },
  ];
  assert.deepEqual(peersOf(nodes, "self"), [
    { name: "a", addresses: { ipv4: "192.0.2.2" }, blocks: ["10.244.0.0/24"] },
    { name: "b", addresses: { ipv4: "10.160.0.3" }, blocks: ["10.244.2.0/24"] },
  ]);
  assert.deepEqual(blocksOf(nodes[0]), ["10.244.1.0/24"]);
  assert.deepEqual(blocksOf(undefined), []);
});

test("a neighbour is routed to, and who is behind a router is tunnelled to", () => {
  const plan = planRoutes(
    [
      { name: "a", addresses: { ipv4: "10.160.0.3" }, blocks: ["10.244.2.0/24"] },
      { name: "far", addresses: { ipv4: "198.51.100.7" }, blocks: ["10.244.9.0/24"] },
    ],
    TABLE,
  );
  assert.deepEqual(plan, {
    direct: [{ block: "10.244.2.0/24", via: "10.160.0.3", device: "eth0" }],
    tunnel: [{ block: "10.244.9.0/24", via: "10.244.9.0", linkAddress: "0e:c0:c6:33:64:07", endpoint: "198.51.100.7" }],
  });
  assert.deepEqual(routeCommands(plan, "tunnel"), [
    "route replace 10.244.2.0/24 via 10.160.0.3 dev eth0 onlink proto 199",
    "neighbour replace 10.244.9.0 lladdr 0e:c0:c6:33:64:07 dev tunnel nud permanent",
    "route replace 10.244.9.0/24 via 10.244.9.0 dev tunnel onlink proto 199",
  ]);
  assert.deepEqual(forwardingCommands(plan, "tunnel"), [
    "fdb replace 0e:c0:c6:33:64:07 dev tunnel dst 198.51.100.7 self permanent",
  ]);
});

test("blocks of IPv6 go by the neighbour's IPv6 address, and through the tunnel where it has none", () => {
  const blocks = (n: number) => [`10.244.${n}.0/24`, `fd00:10:244:${n}::/64`];
  const plan = planRoutes(
    [
      { name: "a", addresses: { ipv4: "10.160.0.3", ipv6: "fd00:10:160::3" }, blocks: blocks(2) },
      { name: "b", addresses: { ipv4: "10.160.0.4" }, blocks: blocks(3) },
      { name: "far", addresses: { ipv4: "198.51.100.7", ipv6: "2001:db8::7" }, blocks: blocks(9) },
    ],
    TABLE,
  );
  assert.deepEqual(
    plan.direct.map(({ block, via, device }) => `${block} ${via} ${device}`),
    ["10.244.2.0/24 10.160.0.3 eth0", "fd00:10:244:2::/64 fd00:10:160::3 eth0", "10.244.3.0/24 10.160.0.4 eth0"],
  );
  assert.deepEqual(
    plan.tunnel.map(({ block, via, endpoint }) => `${block} ${via} ${endpoint}`),
    [
      "fd00:10:244:3::/64 fd00:10:244:3:: 10.160.0.4",
      "10.244.9.0/24 10.244.9.0 198.51.100.7",
      "fd00:10:244:9::/64 fd00:10:244:9:: 198.51.100.7",
    ],
  );
});

test("Pods are hidden from outside the cluster in each family that it has", () => {
  const own = ["10.244.1.0/24", "fd00:10:244:1::/64"];
  const both = masqueradeRules("routes", own, ["10.244.0.0/16", "fd00:10:244::/56"]);
  assert.match(both, /ip6 saddr { fd00:10:244:1::\/64 } ip6 daddr != { fd00:10:244::\/56, ff00::\/8 } masquerade/);
  assert.doesNotMatch(masqueradeRules("routes", own, ["10.244.0.0/16"]), /ip6/);
  assert.equal(masqueradeRules("routes", [], ["10.244.0.0/16", "fd00:10:244::/56"]), "");
});

test("tunnels of clusters with other Pod ranges have other identifiers", () => {
  assert.equal(networkIdentifier("10.244.0.0/16"), 0x0af400);
  assert.notEqual(networkIdentifier("10.244.0.0/16"), networkIdentifier("10.243.0.0/16"));
});

function node(name: string, address: string, block?: string): Node {
  return {
    apiVersion: Node.apiVersion,
    kind: Node.kind,
    metadata: { name },
    spec: block === undefined ? {} : { podCIDR: block, podCIDRs: [block] },
    status: { addresses: [{ type: "InternalIP", address }] },
  } as Node;
}
