import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../../api/core/v1/index.ts";
import { refusalOf } from "./admission.ts";

const CAPACITY = { cpu: 2000, memory: 2 ** 30 };
const FREE = { cpu: 0, memory: 0 };
const pod = (spec: object) => ({ metadata: { name: "web" }, spec: { containers: [], ...spec } }) as unknown as Pod;
const sysctl = (name: string, more: object = {}) =>
  pod({ securityContext: { sysctls: [{ name, value: "1" }] }, ...more });

test("only sysctls that stay within the pod are set", () => {
  assert.equal(refusalOf(sysctl("kernel.shm_rmid_forced"), CAPACITY, FREE), undefined);
  assert.equal(refusalOf(sysctl("net/ipv4/tcp_syncookies"), CAPACITY, FREE), undefined);
  assert.deepEqual(refusalOf(sysctl("kernel.msgmax"), CAPACITY, FREE), {
    reason: "SysctlForbidden",
    message: 'forbidden sysctl: "kernel.msgmax" not allowlisted',
  });
  const shared = refusalOf(sysctl("net.ipv4.tcp_syncookies", { hostNetwork: true }), CAPACITY, FREE);
  assert.match(shared!.message, /not allowed with host net enabled/);
});

test("a pod that does not fit is refused by the resource that is short", () => {
  const resources = { requests: { cpu: "1500m", memory: "100Mi" } };
  const it = pod({ containers: [{ name: "a", resources }] });
  assert.equal(refusalOf(it, CAPACITY, FREE), undefined);
  assert.equal(refusalOf(it, CAPACITY, { cpu: 600, memory: 0 })?.reason, "OutOfcpu");
  assert.equal(refusalOf(it, CAPACITY, { cpu: 0, memory: 2 ** 30 })?.reason, "OutOfmemory");
});
