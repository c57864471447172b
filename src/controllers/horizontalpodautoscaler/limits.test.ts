import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyHistory, limit, limitWithBehavior, stabilize, stabilizeWithBehavior } from "./limits.ts";

const wish = (current: number, desired: number) => ({
  current,
  desired,
  min: 1,
  max: 100,
  now: 1_000_000,
  downWindow: 300_000,
});
const ago = (seconds: number) => 1_000_000 - seconds * 1000;
const percent = (value: number, periodSeconds = 60) => ({ type: "Percent", value, periodSeconds });
const count = (value: number, periodSeconds = 60) => ({ type: "Pods", value, periodSeconds });

test("without behaviour, goes down only as far as anything of the last five minutes allows", () => {
  const history = emptyHistory();
  history.recommendations = [
    { replicas: 9, at: ago(301) },
    { replicas: 6, at: ago(299) },
  ];
  assert.equal(stabilize(wish(8, 2), history).replicas, 6);
  assert.equal(stabilize(wish(8, 2), history).reason, "ScaleDownStabilized");
});

test("without behaviour, at most doubles, or reaches four", () => {
  assert.deepEqual([limit(wish(1, 10)).replicas, limit(wish(5, 50)).replicas], [4, 10]);
  assert.equal(limit({ ...wish(5, 50), max: 7 }).reason, "TooManyReplicas");
  assert.equal(limit({ ...wish(5, 1), min: 2 }).reason, "TooFewReplicas");
});

test("policies count what was changed within their period", () => {
  const history = { recommendations: [], ups: [{ by: 3, at: ago(30) }], downs: [{ by: 1, at: ago(90) }] };
  const behavior = { scaleUp: { policies: [count(4)] }, scaleDown: { policies: [percent(10)] } };
  // ten now were seven a minute ago: four more than then is one more than now
  const up = limitWithBehavior(wish(10, 50), history, behavior);
  assert.deepEqual([up.replicas, up.reason], [11, "ScaleUpLimit"]);
  const down = limitWithBehavior(wish(50, 1), emptyHistory(), behavior);
  assert.deepEqual([down.replicas, down.reason], [45, "ScaleDownLimit"]);
});

test("of several policies the one that allows most decides, or least, or none may", () => {
  const policies = [count(4), percent(100)];
  const at = (selectPolicy: string) =>
    limitWithBehavior(wish(10, 50), emptyHistory(), { scaleUp: { policies, selectPolicy }, scaleDown: { policies } });
  assert.deepEqual([at("Max").replicas, at("Min").replicas, at("Disabled").replicas], [20, 14, 10]);
});

test("with behaviour, each direction has its own window", () => {
  const history = emptyHistory();
  history.recommendations = [
    { replicas: 3, at: ago(20) },
    { replicas: 8, at: ago(50) },
  ];
  const behavior = { scaleUp: { stabilizationWindowSeconds: 30 }, scaleDown: { stabilizationWindowSeconds: 60 } };
  const up = stabilizeWithBehavior(wish(2, 10), history, behavior);
  assert.deepEqual([up.replicas, up.reason], [3, "ScaleUpStabilized"]);
  assert.equal(stabilizeWithBehavior(wish(9, 2), history, behavior).replicas, 8);
});
