import assert from "node:assert/strict";
import { test } from "node:test";
import type { PodLimits } from "../pod/resources.ts";
import { enforceAllocatable, podsLimits } from "./allocatable.ts";
import { type Machine, withCapacity } from "./machine.ts";

const GiB = 1024 ** 3;
const machine = withCapacity({ cpus: 8, memory: 16 * GiB } as Machine, { cpus: 1.5, memory: 4 * GiB });

test("Pods together get what the node has, without what is kept back", () => {
  assert.deepEqual(podsLimits(machine, undefined), { cpuShares: 1536, cpuPeriod: 100_000, memory: 4 * GiB });
  const reserved = { milliCpu: 500, memory: GiB, disk: 0 };
  assert.deepEqual(podsLimits(machine, reserved), { cpuShares: 1024, cpuPeriod: 100_000, memory: 3 * GiB });
});

test("the node tells whether that is enforced", async () => {
  const set: PodLimits[] = [];
  const bound = async (limits: PodLimits) => void set.push(limits);
  const told = async (options: { enforceAllocatable?: boolean }, how = bound) =>
    (await enforceAllocatable(options as never, machine, how)).map(({ reason }) => reason);
  assert.deepEqual(await told({}), ["NodeAllocatableEnforced"]);
  assert.deepEqual(set, [podsLimits(machine, undefined)]);
  assert.deepEqual(await told({ enforceAllocatable: false }), []);
  const refused = () => Promise.reject(new Error("EROFS"));
  assert.deepEqual(await told({}, refused), ["FailedNodeAllocatableEnforcement"]);
});
