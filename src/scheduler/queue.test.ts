import assert from "node:assert/strict";
import { test } from "node:test";
import { Pod } from "../api/core/v1/index.ts";
import { normalize } from "../apimachinery/decode.ts";
import { VirtualClock } from "../util/clock.ts";
import { SchedulingQueue } from "./queue.ts";

function pod(priority = 0): Pod {
  return normalize(Pod.schema, { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { priority } }) as Pod;
}

function queueOn(clock: VirtualClock) {
  return new SchedulingQueue({ clock, onReady: () => {} });
}

function advance(clock: VirtualClock, ms: number): void {
  const until = clock.now() + ms;
  while (clock.step(until));
}

test("gives the highest priority first, then the oldest", () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  queue.add("old", pod());
  advance(clock, 10);
  queue.add("young", pod());
  queue.add("urgent", pod(100));
  assert.deepEqual(
    [queue.take()?.key, queue.take()?.key, queue.take()?.key, queue.take()],
    ["urgent", "old", "young", undefined],
  );
});

test("a parked Pod waits for a change, and then for its back-off", () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  queue.park("a", pod());
  advance(clock, 60_000);
  assert.equal(queue.take(), undefined);
  queue.wake();
  assert.equal(queue.take()?.key, "a");
  queue.park("a", pod());
  queue.wake();
  assert.equal(queue.take(), undefined);
  advance(clock, 2000);
  assert.equal(queue.take()?.key, "a");
});

test("a parked Pod is tried again after five minutes even when nothing changed", () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  queue.park("a", pod());
  advance(clock, 5 * 60_000);
  assert.equal(queue.take()?.key, "a");
});

test("a removed Pod does not come back", () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  queue.add("a", pod());
  queue.park("b", pod());
  queue.remove("a");
  queue.remove("b");
  queue.wake();
  assert.equal(queue.take(), undefined);
});
