import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container, Pod } from "../../api/core/v1/index.ts";
import { differing, judgeResize, needsRestart, updateOf, widest, withResources } from "./resize.ts";

const container = (resources: Container["resources"], more: object = {}) =>
  ({ name: "a", image: "app:1", resources, ...more }) as Container;
const pod = (...containers: Container[]) => ({ metadata: { name: "web" }, spec: { containers } }) as Pod;
const sized = (cpu: string, memory: string) => container({ requests: { cpu, memory }, limits: { cpu, memory } });

test("amounts are compared, not texts", () => {
  assert.deepEqual(
    differing({ requests: { cpu: "1000m", memory: "1Gi" } }, { requests: { cpu: "1", memory: "1024Mi" } }),
    [],
  );
  assert.deepEqual(differing({ requests: { cpu: "1" } }, { requests: { cpu: "2" }, limits: { memory: "1Gi" } }), [
    "cpu",
    "memory",
  ]);
  assert.deepEqual(differing(undefined, {}), []);
});

test("a container is started anew only for a resource whose policy says so", () => {
  const resizePolicy = [
    { resourceName: "cpu", restartPolicy: "NotRequired" },
    { resourceName: "memory", restartPolicy: "RestartContainer" },
  ];
  const it = container({ requests: { cpu: "2", memory: "1Gi" } }, { resizePolicy });
  assert.equal(needsRestart(it, { requests: { cpu: "1", memory: "1Gi" } }), false);
  assert.equal(needsRestart(it, { requests: { cpu: "2", memory: "2Gi" } }), true);
});

test("a resize is accepted, put off or refused by what the node has", () => {
  const capacity = { cpu: 2000, memory: 2 * 2 ** 30 };
  const free = { cpu: 0, memory: 0 };
  assert.deepEqual(judgeResize(pod(sized("2", "1Gi")), capacity, free), { is: "accepted" });
  const refused = judgeResize(pod(sized("2100m", "1Gi")), capacity, free);
  assert.deepEqual(refused, {
    is: "Infeasible",
    resource: "cpu",
    message: "Node didn't have enough capacity: cpu, requested: 2100, capacity: 2000",
  });
  assert.equal(judgeResize(pod(sized("1500m", "1Gi")), capacity, { cpu: 600, memory: 0 }).is, "Deferred");
});

test("limits that are gone are said aloud to the runtime", () => {
  const it = container({ requests: { cpu: "100m" } });
  assert.deepEqual(updateOf(pod(it), it, 2 ** 34), {
    cpuShares: 102,
    cpuPeriod: 100_000,
    cpuQuota: -1,
    memoryLimitInBytes: -1,
  });
});

test("the pod's own limits are at their widest while its containers change", () => {
  const limits = (cpuQuota: number | undefined, memory: number) => ({
    cpuShares: 2,
    cpuPeriod: 1,
    memory,
    ...(cpuQuota ? { cpuQuota } : {}),
  });
  assert.deepEqual(widest(limits(10, 5), limits(8, 6)), limits(10, 6));
  assert.deepEqual(widest(limits(10, 5), limits(undefined, 6)), limits(undefined, 6));
});

test("a pod whose resources stay is the same object", () => {
  const it = pod(sized("1", "1Gi"));
  assert.equal(
    withResources(it, (c) => c.resources),
    it,
  );
  assert.deepEqual(withResources(it, () => ({})).spec.containers[0]!.resources, {});
});
