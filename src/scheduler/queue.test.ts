import assert from "node:assert/strict";
import { test } from "node:test";
import { Node, Pod } from "../api/core/v1/index.ts";
import { normalize } from "../apimachinery/decode.ts";
import { VirtualClock } from "../util/clock.ts";
import type { ClusterEvent } from "./clusterEvents.ts";
import { type Queued, type QueueOptions, SchedulingQueue } from "./queue.ts";

function pod(name: string, priority = 0, spec: object = {}): Pod {
  const metadata = { name, namespace: "default" };
  return normalize(Pod.schema, { apiVersion: "v1", kind: "Pod", metadata, spec: { priority, ...spec } }) as Pod;
}

const node = normalize(Node.schema, { apiVersion: "v1", kind: "Node", metadata: { name: "n" } }) as Node;
const NODE_CAME: ClusterEvent = { resource: "Node", old: undefined, new: node };
const PLUGIN = new Set(["NodeAffinity"]);

function queueOn(clock: VirtualClock, more: Partial<QueueOptions> = {}) {
  return new SchedulingQueue({ clock, onReady: () => {}, ...more });
}

function advance(clock: VirtualClock, ms: number): void {
  const until = clock.now() + ms;
  while (clock.step(until));
}

/** Keeps the queue busy, so that nobody is taken out of the back-off early. */
const busy = (queue: SchedulingQueue) => queue.add(pod("busy", -1));

function fail(queue: SchedulingQueue, plugins: ReadonlySet<string> = PLUGIN): Queued {
  const queued = queue.take()!;
  queue.park(queued, plugins);
  return queued;
}

test("gives the highest priority first, then the oldest", () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  queue.add(pod("old"));
  advance(clock, 10);
  queue.add(pod("young"));
  queue.add(pod("urgent", 100));
  const names = [1, 2, 3, 4].map(() => queue.take()?.pod.metadata.name);
  assert.deepEqual(names, ["urgent", "old", "young", undefined]);
});

test("a parked Pod waits for an event, and then for its back-off", () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  queue.add(pod("a"));
  fail(queue);
  advance(clock, 60_000);
  assert.equal(queue.take(), undefined);
  queue.happened(NODE_CAME);
  const first = queue.take()!;
  assert.equal(first.key, "default/a");
  queue.park(first, PLUGIN);
  queue.happened(NODE_CAME);
  busy(queue);
  assert.equal(queue.take()?.key, "default/busy");
  advance(clock, 2000);
  assert.equal(queue.take()?.key, "default/a");
});

test("nobody backs off while nobody else waits, unless something went wrong", () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  queue.add(pod("a"));
  fail(queue);
  queue.happened(NODE_CAME);
  const again = queue.take()!;
  assert.equal(again.key, "default/a");
  queue.retry(again);
  assert.equal(queue.take(), undefined);
  advance(clock, 1000);
  assert.equal(queue.take()?.key, "default/a");
});

test("an event moves only Pods that it may help", () => {
  const clock = new VirtualClock();
  const hint = (_: Pod, plugin: string) => (plugin === "NodeAffinity" ? () => false : () => true);
  const queue = queueOn(clock, { hint });
  queue.add(pod("helpless"));
  fail(queue, new Set(["NodeAffinity"]));
  queue.add(pod("hopeful"));
  fail(queue, new Set(["NodeAffinity", "NodeResourcesFit"]));
  queue.happened(NODE_CAME);
  assert.equal(queue.take()?.key, "default/hopeful");
  assert.equal(queue.take(), undefined);
});

test("a gated Pod is not tried, whatever happens, until its gate is gone", () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock, { gate: ({ spec }) => (spec.schedulingGates?.length ? "gated" : undefined) });
  queue.add(pod("a", 0, { schedulingGates: [{ name: "g" }] }));
  queue.happened(NODE_CAME);
  advance(clock, 10 * 60_000);
  assert.equal(queue.take(), undefined);
  queue.add(pod("a"));
  assert.equal(queue.take()?.key, "default/a");
});

test("a parked Pod is tried again after five minutes even when nothing changed", () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  queue.add(pod("a"));
  fail(queue);
  advance(clock, 5 * 60_000);
  assert.equal(queue.take()?.key, "default/a");
});

test("a removed Pod does not come back", () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  queue.add(pod("b"));
  const taken = queue.take()!;
  queue.add(pod("a"));
  queue.remove("default/a");
  queue.remove("default/b");
  queue.park(taken, PLUGIN);
  queue.happened(NODE_CAME);
  assert.equal(queue.take(), undefined);
});
