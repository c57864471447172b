import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseTargets, type NodeInfo } from "./endpoints.ts";
import { type EndpointState, service, slice, testNode } from "./testObjects.ts";

const [http] = service("web").spec.ports!;

/** The last octets of the chosen addresses, for traffic to anywhere and for local traffic. */
function choose(endpoints: Record<string, EndpointState>, node: NodeInfo = testNode) {
  const { cluster, local } = chooseTargets(http!, [slice("web", endpoints)], "ip", node);
  const octets = (targets: readonly { ip: string }[]) => targets.map(({ ip }) => ip.split(".")[3]).join();
  return { cluster: octets(cluster), local: octets(local) };
}
const terminating = { ready: false, serving: true, terminating: true };

test("only ready endpoints are used", () => {
  assert.deepEqual(choose({ "10.0.0.1": {}, "10.0.0.2": { ready: false }, "10.0.0.3": { node: "node-a" } }), {
    cluster: "1,3",
    local: "3",
  });
});

test("when none is ready, terminating ones that still serve are (KEP-1669), here and anywhere", () => {
  const gone = { ready: false, serving: false, terminating: true };
  assert.deepEqual(choose({ "10.0.0.1": { ...terminating, node: "node-a" }, "10.0.0.2": gone }), {
    cluster: "1",
    local: "1",
  });
  // Local traffic has only this node's endpoints to fall back to, even while others are ready elsewhere.
  assert.deepEqual(choose({ "10.0.0.1": { ...terminating, node: "node-a" }, "10.0.0.2": {} }), {
    cluster: "2",
    local: "1",
  });
});

test("hints lead to this node, else to its zone, if every ready endpoint has them", () => {
  const zones = { "10.0.0.1": { zones: ["z1"] }, "10.0.0.2": { zones: ["z2"] }, "10.0.0.3": { zones: ["z1", "z2"] } };
  assert.equal(choose(zones).cluster, "1,3");
  assert.equal(choose({ ...zones, "10.0.0.4": {} }).cluster, "1,2,3,4");
  assert.equal(choose(zones, { ...testNode, zone: "z9" }).cluster, "1,2,3");
  assert.equal(choose(zones, { ...testNode, zone: undefined }).cluster, "1,2,3");
  const nodes = {
    "10.0.0.1": { zones: ["z1"], nodes: ["node-a"] },
    "10.0.0.2": { zones: ["z1"], nodes: ["node-b"] },
  };
  assert.equal(choose(nodes).cluster, "1");
  assert.equal(choose(nodes, { ...testNode, name: "node-c" }).cluster, "1,2");
});

test("an endpoint in two slices counts once, as ready if either says so", () => {
  const slices = [slice("web", { "10.0.0.1": { ready: false } }), slice("web", { "10.0.0.1": {} })];
  assert.deepEqual(chooseTargets(http!, slices, "ip", testNode).cluster, [{ ip: "10.0.0.1", port: 8080 }]);
  assert.deepEqual(chooseTargets(http!, slices.reverse(), "ip", testNode).cluster, [{ ip: "10.0.0.1", port: 8080 }]);
});

test("ports are matched by name and protocol, addresses by family", () => {
  const ports = [
    { name: "http", protocol: "UDP", port: 1 },
    { name: "other", protocol: "TCP", port: 2 },
    { name: "http", protocol: "TCP", port: 3 },
  ];
  const slices = [slice("web", { "10.0.0.1": {} }, ports), slice("web", { "fd00::1": {} }, ports)];
  assert.deepEqual(chooseTargets(http!, slices, "ip", testNode).cluster, [{ ip: "10.0.0.1", port: 3 }]);
  assert.deepEqual(chooseTargets(http!, slices, "ip6", testNode).cluster, [{ ip: "fd00::1", port: 3 }]);
});

test("flows may go on with ready and with serving endpoints", () => {
  const slices = [slice("web", { "10.0.0.1": {}, "10.0.0.2": terminating, "10.0.0.3": { ready: false } })];
  assert.deepEqual([...chooseTargets(http!, slices, "ip", testNode).serving], ["10.0.0.1", "10.0.0.2"]);
});
