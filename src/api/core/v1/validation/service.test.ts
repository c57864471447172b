import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeObject } from "../../../../apimachinery/decode.ts";
import { Service } from "../index.ts";

const made = (spec: object, status: object = {}): Service => {
  const body = { metadata: { name: "s" }, spec, status };
  const { object } = decodeObject(Service, body, { fieldValidation: "Strict" });
  Service.defaults!(object);
  return object;
};
const texts = (errors: readonly { field: string; message: string }[]) =>
  errors.map(({ field, message }) => `${field}: ${message}`);
const wrong = (spec: object) => texts(Service.validate!(made(spec)));
const ports = [{ port: 80 }];

test("a Service needs ports unless it is headless or a name", () => {
  assert.deepEqual(wrong({}), ["spec.ports: Required value"]);
  assert.deepEqual(wrong({ clusterIP: "None", clusterIPs: ["None"] }), []);
  assert.deepEqual(wrong({ type: "ExternalName", externalName: "example.com." }), []);
});

test("several ports need names, different ones", () => {
  const twice = [
    { name: "a", port: 80 },
    { name: "a", port: 81 },
  ];
  assert.deepEqual(wrong({ ports: twice }), ['spec.ports[1].name: Duplicate value: "a"']);
  assert.deepEqual(wrong({ ports: [{ name: "a", port: 80 }, { port: 81 }] }), ["spec.ports[1].name: Required value"]);
});

test("node ports belong to Services that have them", () => {
  assert.deepEqual(wrong({ ports: [{ port: 80, nodePort: 30080 }] }), [
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ]);
  assert.deepEqual(wrong({ type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] }), []);
});

test("what is for load balancers is refused elsewhere", () => {
  assert.deepEqual(wrong({ ports, loadBalancerSourceRanges: ["10.0.0.0/8"], loadBalancerClass: "example.com/a" }), [
    "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
    "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
  ]);
});

test("addresses must be of two families, and as the families say", () => {
  const two = { ports, clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1", "10.0.0.2"] };
  assert.match(wrong(two)[0]!, /may specify no more than one IP for each IP family/);
  const one = { ports, clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"], ipFamilies: ["IPv6"] };
  assert.deepEqual(wrong(one), [
    'spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
  ]);
});

test("external addresses must be reachable ones", () => {
  assert.deepEqual(wrong({ ports, externalIPs: ["127.0.0.1"] }), [
    'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ]);
});

test("an address stays with its Service", () => {
  const at = (ip: string) => made({ ports, clusterIP: ip, clusterIPs: [ip], ipFamilies: ["IPv4"] });
  assert.deepEqual(texts(Service.validateUpdate!(at("10.0.0.2"), at("10.0.0.1"))), [
    'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
  ]);
  const named = made({ type: "ExternalName", externalName: "example.com" });
  assert.deepEqual(Service.validateUpdate!(named, at("10.0.0.1")), []);
});

test("only load balancers report a way in", () => {
  const status = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } };
  const balanced = made({ type: "LoadBalancer", ports }, status);
  assert.deepEqual(Service.validateStatusUpdate!(balanced, balanced), []);
  const plain = made({ ports }, status);
  assert.match(texts(Service.validateStatusUpdate!(plain, plain))[0]!, /may only be used when/);
});
