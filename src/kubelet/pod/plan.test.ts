import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../../api/core/v1/index.ts";
import { testPod } from "../testNode.ts";
import { type PlanInput, planPod } from "./plan.ts";
import { emptyRuntimePod, type RuntimeContainer, type RuntimePod, type RuntimeSandbox } from "./runtimePod.ts";
import { containerHash, containerNamed } from "./spec.ts";

type Container = Pod["spec"]["containers"][number];
const container = (name: string, more: object = {}) => ({ name, image: "app:1", ...more }) as Container;
const sandbox = (attempt = 0, ready = true): RuntimeSandbox => ({
  id: `s${attempt}`,
  attempt,
  ready,
  createdAt: attempt,
  ips: ["10.0.0.1"],
});

function ran(
  pod: Pod,
  name: string,
  state: "running" | "exited" | "created",
  more: Partial<RuntimeContainer> = {},
): RuntimeContainer {
  const spec = containerNamed(pod, name)!;
  return {
    id: `${name}-id`,
    name,
    sandboxId: "s0",
    state,
    restartCount: 0,
    hash: containerHash(spec),
    image: "app:1",
    imageRef: "sha256:1",
    createdAt: 1,
    startedAt: 1,
    finishedAt: state === "exited" ? 5 : 0,
    exitCode: 0,
    reason: "",
    message: "",
    logPath: "",
    annotations: {},
    ...more,
  };
}

function plan(pod: Pod, sandboxes: RuntimeSandbox[], containers: RuntimeContainer[], more: Partial<PlanInput> = {}) {
  const runtime: RuntimePod = { ...emptyRuntimePod("u", pod.metadata.name!, "default"), sandboxes, containers };
  const probes = { started: () => true, failed: () => undefined };
  return planPod({ pod, runtime, now: 100, probes, retryAt: () => 0, ...more });
}
const start = (name: string, role: string, restartCount = 0) => ({ do: "start", name, role, restartCount });

test("a new pod gets a sandbox, then its containers", () => {
  const pod = testPod("p", { containers: [container("a"), container("b")] });
  assert.deepEqual(plan(pod, [], []).actions, [{ do: "createSandbox", attempt: 0 }]);
  assert.deepEqual(plan(pod, [sandbox()], []).actions, [start("a", "main"), start("b", "main")]);
  assert.deepEqual(plan(pod, [sandbox()], [ran(pod, "a", "running"), ran(pod, "b", "running")]).actions, []);
});

test("init containers run one by one, and sidecars are waited for until they have started", () => {
  const initContainers = [container("one"), container("side", { restartPolicy: "Always" }), container("two")];
  const pod = testPod("p", { initContainers, containers: [container("main")] });
  const done = ran(pod, "one", "exited");
  const side = ran(pod, "side", "running");
  assert.deepEqual(plan(pod, [sandbox()], []).actions, [start("one", "init")]);
  assert.deepEqual(plan(pod, [sandbox()], [ran(pod, "one", "running")]).actions, []);
  assert.deepEqual(plan(pod, [sandbox()], [done]).actions, [start("side", "sidecar")]);
  const notYet = { probes: { started: () => false, failed: () => undefined } };
  assert.deepEqual(plan(pod, [sandbox()], [side, done], notYet).actions, []);
  assert.deepEqual(plan(pod, [sandbox()], [side, done]).actions, [start("two", "init")]);
  const both = [ran(pod, "two", "exited"), side, done];
  assert.deepEqual(plan(pod, [sandbox()], both).actions, [start("main", "main")]);
  const failed = ran(pod, "one", "exited", { exitCode: 1 });
  assert.deepEqual(plan(pod, [sandbox()], [failed]).actions, [start("one", "init", 1)]);
  const never = { ...pod, spec: { ...pod.spec, restartPolicy: "Never" } };
  assert.deepEqual(plan(never, [sandbox()], [failed]).actions, [{ do: "finish" }]);
});

test("what ended is started again as the restart policy says, and not before its back-off is over", () => {
  const pod = testPod("p", { containers: [container("a")] });
  const failed = ran(pod, "a", "exited", { exitCode: 1, restartCount: 4 });
  assert.deepEqual(plan(pod, [sandbox()], [failed]).actions, [start("a", "main", 5)]);
  const backedOff = plan(pod, [sandbox()], [failed], { retryAt: () => 500 });
  assert.deepEqual(backedOff, { actions: [], waiting: [{ name: "a", until: 500 }] });
  const onFailure = { ...pod, spec: { ...pod.spec, restartPolicy: "OnFailure" } };
  assert.deepEqual(plan(onFailure, [sandbox()], [ran(pod, "a", "exited")]).actions, [{ do: "finish" }]);
  assert.deepEqual(plan(onFailure, [sandbox()], [failed]).actions, [start("a", "main", 5)]);
});

test("a container's own rules come before the pod's policy", () => {
  const rules = { restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [42] } }] };
  const pod = testPod("p", { restartPolicy: "Never", containers: [container("a", rules)] });
  assert.deepEqual(plan(pod, [sandbox()], [ran(pod, "a", "exited", { exitCode: 42 })]).actions, [
    start("a", "main", 1),
  ]);
  assert.deepEqual(plan(pod, [sandbox()], [ran(pod, "a", "exited", { exitCode: 1 })]).actions, [{ do: "finish" }]);
});

test("a failed probe or a changed image ends a container", () => {
  const pod = testPod("p", { containers: [container("a")] });
  const running = ran(pod, "a", "running");
  const failed = { probes: { started: () => true, failed: () => ({ reason: "livenessProbe" as const }) } };
  const kill = { do: "kill", id: "a-id", name: "a" };
  assert.deepEqual(plan(pod, [sandbox()], [running], failed).actions, [
    { ...kill, reason: "livenessProbe", message: "Container a failed liveness probe" },
  ]);
  assert.deepEqual(plan(pod, [sandbox()], [{ ...running, hash: "other" }]).actions, [
    { ...kill, reason: "changed", message: "Container a definition changed" },
  ]);
});

test("a sandbox that died is replaced, and init containers run again in the new one", () => {
  const pod = testPod("p", { initContainers: [container("init")], containers: [container("a")] });
  const before = [ran(pod, "a", "exited", { exitCode: 137 }), ran(pod, "init", "exited")];
  assert.deepEqual(plan(pod, [sandbox(0, false)], before).actions, [
    { do: "stopSandbox", id: "s0", changed: true },
    { do: "createSandbox", attempt: 1 },
  ]);
  assert.deepEqual(plan(pod, [sandbox(1), sandbox(0, false)], before).actions, [start("init", "init", 1)]);
});

test("a finished pod gets no new sandbox", () => {
  const pod = testPod("p", { restartPolicy: "Never", containers: [container("a")] });
  assert.deepEqual(plan(pod, [sandbox(0, false)], [ran(pod, "a", "exited")]).actions, [{ do: "finish" }]);
});
