import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../../api/core/v1/index.ts";
import type { Pressure } from "../eviction/signals.ts";
import { refusalOf } from "./admission.ts";

const CAPACITY = { cpu: 2000, memory: 2 ** 30 };
const room = (others = { cpu: 0, memory: 0 }, ...pressures: Pressure[]) => ({
  capacity: CAPACITY,
  others,
  ports: [],
  pressures: new Set(pressures),
});
const pod = (spec: object) => ({ metadata: { name: "web" }, spec: { containers: [], ...spec } }) as unknown as Pod;
const sysctl = (name: string, more: object = {}) =>
  pod({ securityContext: { sysctls: [{ name, value: "1" }] }, ...more });

test("only sysctls that stay within the pod are set", () => {
  assert.equal(refusalOf(sysctl("kernel.shm_rmid_forced"), room()), undefined);
  assert.equal(refusalOf(sysctl("net/ipv4/tcp_syncookies"), room()), undefined);
  assert.deepEqual(refusalOf(sysctl("kernel.msgmax"), room()), {
    reason: "SysctlForbidden",
    message: 'forbidden sysctl: "kernel.msgmax" not allowlisted',
  });
  const shared = refusalOf(sysctl("net.ipv4.tcp_syncookies", { hostNetwork: true }), room());
  assert.match(shared!.message, /not allowed with host net enabled/);
});

test("a pod that does not fit is refused by the resource that is short", () => {
  const resources = { requests: { cpu: "1500m", memory: "100Mi" } };
  const it = pod({ containers: [{ name: "a", resources }] });
  assert.equal(refusalOf(it, room()), undefined);
  assert.equal(refusalOf(it, room({ cpu: 600, memory: 0 }))?.reason, "OutOfcpu");
  assert.equal(refusalOf(it, room({ cpu: 0, memory: 2 ** 30 }))?.reason, "OutOfmemory");
});

test("a node under pressure takes critical pods only, or those that asked for the memory they use", () => {
  const none = { cpu: 0, memory: 0 };
  const greedy = pod({ containers: [{ name: "a" }] });
  const modest = pod({ containers: [{ name: "a", resources: { requests: { memory: "1Mi" } } }] });
  const critical = pod({ containers: [{ name: "a" }], priority: 2_000_000_000 });
  const tolerant = pod({
    containers: [{ name: "a" }],
    tolerations: [{ key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" }],
  });
  const memory = room(none, "MemoryPressure");
  assert.deepEqual(refusalOf(greedy, memory), {
    reason: "Evicted",
    message: "The node had condition: [MemoryPressure]. ",
  });
  for (const it of [modest, critical, tolerant]) assert.equal(refusalOf(it, memory), undefined);
  const disk = room(none, "DiskPressure");
  for (const it of [greedy, modest, tolerant]) assert.equal(refusalOf(it, disk)?.reason, "Evicted");
  assert.equal(refusalOf(critical, disk), undefined);
});

test("a pod is refused when another has its port of the node", () => {
  const wants = (hostPort: number, more: object = {}) =>
    pod({ containers: [{ name: "a", ports: [{ containerPort: 80, hostPort, ...more }] }] });
  const taken = { ...room(), ports: [{ protocol: "TCP", ip: "0.0.0.0", port: 8080 }] };
  assert.deepEqual(refusalOf(wants(8080), taken), {
    reason: "NodePorts",
    message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
  });
  assert.equal(refusalOf(wants(8080, { hostIP: "192.0.2.1" }), taken)?.reason, "NodePorts");
  assert.equal(refusalOf(wants(8080, { protocol: "UDP" }), taken), undefined);
  assert.equal(refusalOf(wants(8081), taken), undefined);
});
