import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../util/clock.ts";
import { silentLogger } from "../../util/logger.ts";
import { Measurements } from "./measurements.ts";
import { parseReading, type Reading } from "./reading.ts";
import { usageBetween } from "./usage.ts";

const reading = (time: number, cpu: number, containers: Record<string, Partial<Reading["node"]>> = {}): Reading => ({
  node: { time, cpu, memory: 1024 },
  containers: new Map(
    Object.entries(containers).map(([key, point]) => [key, { time, cpu: 0, memory: 0, startTime: 0, ...point }]),
  ),
});

test("use is what was counted between two readings", () => {
  const before = reading(10_000, 5, { "ns/p/c": { cpu: 1 } });
  const after = reading(14_000, 7, { "ns/p/c": { cpu: 1.5, memory: 7 } });
  const { node, containers } = usageBetween(before, after);
  assert.deepEqual(node, { time: 14_000, window: 4000, cpu: 500_000_000, memory: 1024 });
  assert.deepEqual(containers.get("ns/p/c"), { time: 14_000, window: 4000, cpu: 125_000_000, memory: 7 });
});

test("a container that began in between, or began anew, is measured from its beginning", () => {
  const before = reading(10_000, 5, { "ns/p/again": { cpu: 3 } });
  const after = reading(14_000, 7, {
    "ns/p/again": { cpu: 1, startTime: 12_000 },
    "ns/p/new": { cpu: 0.5, startTime: 13_000 },
    "ns/p/newest": { cpu: 0.1, startTime: 13_900 },
  });
  const { containers } = usageBetween(before, after);
  assert.equal(containers.get("ns/p/again")?.cpu, 500_000_000);
  assert.equal(containers.get("ns/p/new")?.window, 1000);
  assert.equal(containers.get("ns/p/newest"), undefined, "too short to tell");
});

test("reads what a kubelet exposes", () => {
  const text = [
    "# HELP node_cpu_usage_seconds_total CPU",
    "node_cpu_usage_seconds_total 12.5 1000",
    "node_memory_working_set_bytes 2048 1000",
    'container_cpu_usage_seconds_total{container="c",namespace="ns",pod="p"} 1.5 2000',
    'container_memory_working_set_bytes{container="c",namespace="ns",pod="p"} 4096 2000',
    'container_start_time_seconds{container="c",namespace="ns",pod="p"} 1.5e0',
    "something_else 1",
  ].join("\n");
  const { node, containers } = parseReading(text, 9000);
  assert.deepEqual(node, { time: 1000, cpu: 12.5, memory: 2048 });
  assert.deepEqual(containers.get("ns/p/c"), { time: 2000, cpu: 1.5, memory: 4096, startTime: 1500 });
});

function measurements(read: (node: string, at: number) => Reading) {
  const clock = new VirtualClock();
  const reads: string[] = [];
  const of = new Measurements({
    clock,
    logger: silentLogger,
    read: async (node) => {
      reads.push(node);
      return read(node, clock.now());
    },
  });
  return { clock, reads, of };
}

const steady = (_node: string, at: number) => reading(at, at / 2000);

async function ask({ clock, of }: ReturnType<typeof measurements>, ...nodes: string[]) {
  const answer = of.of(nodes);
  for (let i = 0; i < 10; i++) await Promise.resolve();
  clock.step(clock.nextTimer() ?? clock.now());
  return answer;
}

test("reads twice when first asked, once when asked again, and not at all when a reading is young", async () => {
  const it = measurements(steady);
  assert.equal((await ask(it, "a")).get("a")?.node.cpu, 500_000_000);
  assert.equal(it.reads.length, 2);
  await ask(it, "a");
  assert.equal(it.reads.length, 2, "a young reading is shared");
  it.clock.step(it.clock.now() + 15_000);
  assert.equal((await ask(it, "a")).get("a")?.node.window, 15_000);
  assert.equal(it.reads.length, 3);
  it.clock.step(it.clock.now() + 3_600_000);
  assert.equal((await ask(it, "a")).get("a")?.node.window, 2000, "an hour's average is no present use");
  assert.equal(it.clock.nextTimer(), undefined, "nothing goes on when nobody asks");
});

test("a node that does not answer is left out", async () => {
  const it = measurements((node, at) => {
    if (node === "gone") throw new Error("no route to host");
    return steady(node, at);
  });
  assert.deepEqual([...(await ask(it, "a", "gone")).keys()], ["a"]);
});
