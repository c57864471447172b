import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Pod } from "../../api/core/v1/index.ts";
import { hasStorageLimit, outgrown } from "./limits.ts";
import { evictionMessage } from "./messages.ts";
import { Pressures } from "./pressure.ts";
import { rank } from "./rank.ts";
import { crossed, DEFAULT_THRESHOLDS, mostUrgent, parseThresholds } from "./signals.ts";
import { type PodUsage, sizeOf } from "./usage.ts";

const Mi = 2 ** 20;
const pod = (name: string, spec: object) =>
  ({ metadata: { name, uid: name }, spec: { containers: [{ name: "c" }], ...spec } }) as unknown as Pod;
const asking = (memory: string) => [{ name: "c", resources: { requests: { memory } } }];
const usage = (memory: number, disk = 0, volumes: Record<string, number> = {}): PodUsage => ({
  memory: new Map([["c", memory]]),
  disk: new Map([["c", disk]]),
  volumes: new Map(Object.entries(volumes)),
});

test("thresholds are amounts or shares, and bad ones are refused", () => {
  const thresholds = parseThresholds(DEFAULT_THRESHOLDS);
  assert.equal(thresholds.length, 6);
  const seen = {
    "memory.available": { available: 99 * Mi, capacity: 1000 * Mi },
    "nodefs.available": { available: 6, capacity: 100 },
    "imagefs.available": { available: 4, capacity: 100 },
  };
  const met = crossed(thresholds, seen).map((it) => it.signal);
  assert.deepEqual(met, ["memory.available", "imagefs.available"]);
  assert.equal(mostUrgent(crossed(thresholds, seen))?.signal, "memory.available");
  assert.deepEqual(parseThresholds(""), []);
  assert.throws(() => parseThresholds("memory<1Mi"), /names no signal/);
  assert.throws(() => parseThresholds("memory.available<lots"), /is not memory.available<amount/);
  assert.throws(() => parseThresholds("nodefs.available<101%"), /is not nodefs.available/);
});

test("the greediest of the least important go first, critical pods never", () => {
  const candidates = [
    { pod: pod("modest", { containers: asking("500Mi") }), usage: usage(400 * Mi) },
    { pod: pod("greedy", { containers: asking("100Mi") }), usage: usage(300 * Mi) },
    { pod: pod("greedier", {}), usage: usage(350 * Mi) },
    { pod: pod("important", { priority: 1000 }), usage: usage(900 * Mi) },
    { pod: pod("critical", { priority: 2_000_000_000 }), usage: usage(5000 * Mi) },
  ];
  const names = rank(candidates, "memory").map((it) => it.pod.metadata.name);
  assert.deepEqual(names, ["greedier", "greedy", "important", "modest"]);
});

test("the message says what was short, and who used more than they asked for", () => {
  const [threshold] = parseThresholds("memory.available<100Mi");
  const seen = { available: 50 * Mi, capacity: 1000 * Mi };
  const greedy = { pod: pod("greedy", { containers: asking("100Mi") }), usage: usage(300 * Mi) };
  assert.equal(
    evictionMessage(greedy, threshold!, seen),
    "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. " +
      "Container c was using 300Mi, request is 100Mi, has larger consumption of memory. ",
  );
  const modest = { ...greedy, usage: usage(1 * Mi) };
  assert.doesNotMatch(evictionMessage(modest, threshold!, seen), /Container/);
});

test("a pressure shows for five minutes after it was last seen", () => {
  const pressures = new Pressures();
  const met = parseThresholds("memory.available<1");
  assert.equal(pressures.note(met, 0), true);
  assert.equal(pressures.note(met, 10_000), false);
  assert.equal(pressures.note([], 309_999), false);
  assert.deepEqual([...pressures.current], ["MemoryPressure"]);
  assert.equal(pressures.note([], 310_000), true);
  assert.equal(pressures.current.size, 0);
});

test("a pod that outgrows a limit of local storage is told which", () => {
  const scratch = { name: "scratch", emptyDir: { sizeLimit: "1Mi" } };
  const limit = (storage: string) => [{ name: "c", resources: { limits: { "ephemeral-storage": storage } } }];
  const volume = pod("volume", { volumes: [scratch] });
  assert.equal(hasStorageLimit(volume), true);
  assert.equal(hasStorageLimit(pod("free", { volumes: [{ name: "scratch", emptyDir: {} }] })), false);
  assert.equal(outgrown(volume, usage(0, 0, { scratch: Mi })), undefined);
  assert.equal(
    outgrown(volume, usage(0, 0, { scratch: Mi + 1 })),
    'Usage of EmptyDir volume "scratch" exceeds the limit "1Mi". ',
  );
  assert.equal(
    outgrown(pod("own", { containers: limit("2Mi") }), usage(0, 3 * Mi)),
    'Container c exceeded its local ephemeral storage limit "2Mi". ',
  );
  const whole = pod("whole", { containers: limit("2Mi"), volumes: [{ name: "v", emptyDir: {} }] });
  assert.match(outgrown(whole, usage(0, Mi, { v: 2 * Mi })) ?? "", /exceeds the total limit of containers 2097152/);
});

test("sizes are what is on disk; links are not followed", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cox-size-"));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "a"));
  const before = await sizeOf(folder);
  await writeFile(join(folder, "a", "file"), Buffer.alloc(100_000));
  await symlink("/", join(folder, "everything"));
  const grown = (await sizeOf(folder)) - before;
  assert.ok(grown >= 100_000 && grown < 120_000, String(grown));
  assert.equal(await sizeOf(join(folder, "missing")), 0);
});
