import assert from "node:assert/strict";
import { test } from "node:test";
import { AUTOSCALING_FLAGS, autoscalingOf } from "./autoscalingFlags.ts";
import { FlagError, parseFlags } from "./flags.ts";

const parsed = (...args: string[]) => {
  const flags = parseFlags(AUTOSCALING_FLAGS, args);
  assert.ok(flags !== "help");
  return autoscalingOf(flags);
};

test("left out, they are as with Kubernetes", () => {
  assert.deepEqual(parsed(), {
    period: 15_000,
    tolerance: 0.1,
    downWindow: 300_000,
    cpuInitialization: 300_000,
    initialReadiness: 30_000,
  });
});

test("what is given is taken, and what is wrong is told", () => {
  assert.equal(parsed("--horizontal-pod-autoscaler-downscale-stabilization=1m")?.downWindow, 60_000);
  assert.equal(parsed("--horizontal-pod-autoscaler-tolerance=0")?.tolerance, 0);
  assert.throws(() => parsed("--horizontal-pod-autoscaler-sync-period=soon"), FlagError);
  assert.throws(() => parsed("--horizontal-pod-autoscaler-tolerance=little"), FlagError);
});
