import assert from "node:assert/strict";
import { test } from "node:test";
import { planService } from "./plan.ts";
import { staleFlows } from "./staleFlows.ts";
import { type EndpointState, service, slice, testNode } from "./testObjects.ts";

const ports = [
  { name: "dns", protocol: "UDP", port: 53, targetPort: 53, nodePort: 30053 },
  { name: "http", protocol: "TCP", port: 80, targetPort: 80 },
];
const slicePorts = [
  { name: "dns", protocol: "UDP", port: 53 },
  { name: "http", protocol: "TCP", port: 80 },
];
const object = service("dns", { clusterIP: "10.96.0.10", type: "NodePort", ports });
const rules = (endpoints: Record<string, EndpointState>) =>
  planService(object, [slice("dns", endpoints, slicePorts)], "ip", testNode);
const shown = (...args: Parameters<typeof staleFlows>) => staleFlows(...args).map((command) => command.join(" "));

test("flows to an endpoint that is gone are forgotten, those of others are not; TCP is left alone", () => {
  assert.deepEqual(shown(rules({ "10.0.0.1": {}, "10.0.0.2": {} }), rules({ "10.0.0.2": {} })), [
    "-D -p udp -f ipv4 --orig-dst 10.96.0.10 --orig-port-dst 53 --dst-nat 10.0.0.1",
    "-D -p udp --orig-port-dst 30053 -f ipv4 --dst-nat 10.0.0.1",
  ]);
});

test("flows to an endpoint that terminates and still serves go on", () => {
  const before = rules({ "10.0.0.1": {}, "10.0.0.2": {} });
  assert.deepEqual(shown(before, rules({ "10.0.0.1": { ready: false, serving: true, terminating: true } })).length, 2);
  const after = rules({ "10.0.0.1": { ready: false, serving: true, terminating: true }, "10.0.0.2": {} });
  assert.deepEqual(shown(before, after), []);
});

test("when the first endpoint comes, flows from before are forgotten, whatever they were translated to", () => {
  const all = ["-D -p udp -f ipv4 --orig-dst 10.96.0.10 --orig-port-dst 53", "-D -p udp --orig-port-dst 30053"];
  assert.deepEqual(shown(rules({}), rules({ "10.0.0.1": {} })), all);
  assert.deepEqual(shown(undefined, rules({ "10.0.0.1": {} })), all);
});

test("when the service is gone, so are its flows", () => {
  assert.equal(shown(rules({ "10.0.0.1": {} }), undefined).length, 2);
  assert.deepEqual(shown(undefined, undefined), []);
});
