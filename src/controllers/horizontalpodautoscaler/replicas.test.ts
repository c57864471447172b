import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../../api/core/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { replicasForAverage, replicasForShare, replicasForUtilization, replicasForValue } from "./replicas.ts";
import type { Sample } from "./samples.ts";

const NOW = 10_000_000;
const tolerances = { up: 0.1, down: 0.1 };
const starting = { cpuInitialization: 300_000, initialReadiness: 30_000 };

type State = "ready" | "unready" | "pending" | "failed" | "starting";

function pod(name: string, state: State = "ready"): Pod {
  const phase = state === "pending" ? "Pending" : state === "failed" ? "Failed" : "Running";
  const ready = state === "unready" || state === "starting" ? "False" : "True";
  const startTime = formatTime(state === "starting" ? NOW - 60_000 : NOW - 3_600_000);
  const conditions = [{ type: "Ready", status: ready, lastTransitionTime: startTime }];
  return { metadata: { name }, spec: { containers: [] }, status: { phase, startTime, conditions } } as unknown as Pod;
}

const pods = (states: readonly State[]) => states.map((state, i) => pod(`p${i}`, state));
const samples = (...values: readonly (number | undefined)[]) =>
  new Map<string, Sample>(
    values.flatMap((value, i) => (value === undefined ? [] : [[`p${i}`, { value, time: NOW, window: 15_000 }]])),
  );
const requests =
  (count: number, each = 1000) =>
  () =>
    new Map(Array.from({ length: count }, (_, i) => [`p${i}`, each]));
const ask = (states: readonly State[], resource?: string) => ({
  pods: pods(states),
  current: states.length,
  tolerances,
  starting,
  now: NOW,
  ...(resource && { resource }),
});

test("asks for as many Pods as bring use to the target", () => {
  const question = ask(["ready", "ready", "ready"], "cpu");
  const { replicas, utilization, usage } = replicasForUtilization(question, samples(300, 500, 700), requests(3), 30);
  assert.deepEqual([replicas, utilization, usage], [5, 50, 500]);
});

test("leaves alone what is within the tolerance of its direction", () => {
  const question = ask(["ready", "ready", "ready"], "cpu");
  assert.equal(replicasForUtilization(question, samples(540, 540, 540), requests(3), 50).replicas, 3);
  const eager = { ...question, tolerances: { up: 0.05, down: 0.1 } };
  assert.equal(replicasForUtilization(eager, samples(540, 540, 540), requests(3), 50).replicas, 4);
});

test("a Pod without a sample counts as idle on the way up, and as busy on the way down", () => {
  const question = ask(["ready", "ready", "ready"], "cpu");
  // two at 100 %: 4 without the third; with it idle, 2/3 of 100 % over 50 % of three is 4
  assert.equal(replicasForUtilization(question, samples(1000, 1000), requests(3), 50).replicas, 4);
  // two at 20 %: with the third at 100 % of its request, 46 % of 50 % is within the tolerance
  assert.equal(replicasForUtilization(question, samples(200, 200), requests(3), 50).replicas, 3);
});

test("a starting Pod's CPU use is no load, and it counts as idle when more are wanted", () => {
  const question = ask(["ready", "ready", "starting"], "cpu");
  assert.equal(replicasForUtilization(question, samples(900, 900, 1000), requests(3), 30).replicas, 6);
  assert.equal(replicasForUtilization(question, samples(300, 300, 1000), requests(3), 30).replicas, 3);
});

test("Pods that failed or are leaving do not count", () => {
  const question = ask(["ready", "ready", "failed"], "cpu");
  assert.equal(replicasForUtilization(question, samples(600, 600, 0), requests(3), 30).replicas, 4);
});

test("says why there is no answer", () => {
  assert.throws(
    () => replicasForUtilization(ask([], "cpu"), samples(), requests(0), 50),
    /no pods returned by selector/,
  );
  assert.throws(
    () => replicasForUtilization(ask(["pending"], "cpu"), samples(), requests(1), 50),
    /did not receive metrics/,
  );
});

test("that nothing is measured comes before that nothing is requested", () => {
  const none = () => {
    throw new Error("missing request for cpu");
  };
  assert.throws(
    () => replicasForUtilization(ask(["starting"], "cpu"), samples(10), none, 50),
    /did not receive metrics for targeted pods \(pods might be unready\)/,
  );
  assert.throws(() => replicasForUtilization(ask(["ready"], "cpu"), samples(10), none, 50), /missing request for cpu/);
});

test("a Pod without a sample changes nothing while the others are right on the target", () => {
  assert.equal(replicasForAverage(ask(["ready", "ready"]), samples(10_000), 10_000).replicas, 2);
});

test("an average target needs no requests", () => {
  assert.equal(replicasForAverage(ask(["ready", "ready"]), samples(20_000, 20_000), 10_000).replicas, 4);
});

test("an amount for the whole is shared by the ready Pods, or gives the number of Pods itself", () => {
  assert.equal(replicasForValue(ask(["ready", "ready", "unready"]), 30_000, 10_000).replicas, 6);
  assert.equal(replicasForValue({ ...ask([]), current: 0 }, 30_000, 10_000).replicas, 3);
  assert.deepEqual(replicasForShare({ replicas: 2, tolerances }, 35_000, 10_000), { replicas: 4, usage: 17_500 });
});
