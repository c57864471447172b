import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Pod } from "../../api/core/v1/index.ts";
import { VirtualClock } from "../../util/clock.ts";
import { silentLogger } from "../../util/logger.ts";
import { VolumeMeter } from "./volumeMeter.ts";

test("tells how full volumes are, with the claim behind them, and counts files anew when a minute has passed", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cox-meter-"));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "scratch"));
  await writeFile(join(folder, "scratch", "file"), Buffer.alloc(8192, 1));
  const volumes = [
    { name: "scratch", emptyDir: {} },
    { name: "data", persistentVolumeClaim: { claimName: "db" } },
    { name: "broken", persistentVolumeClaim: { claimName: "lost" } },
    { name: "host", hostPath: { path: "/" } },
  ];
  const pod = { metadata: { namespace: "default", name: "web", uid: "u1" }, spec: { volumes } } as unknown as Pod;
  const clock = new VirtualClock();
  let asked = 0;
  const meter = new VolumeMeter({
    clock,
    logger: silentLogger,
    source: (_, { name }) => join(folder, name),
    ofClaim: (_, name) => async () => {
      if (name === "broken") throw new Error("no answer");
      asked++;
      return { capacityBytes: 100, usedBytes: 40 };
    },
  });
  const read = async () => (await meter.read([pod])).get("u1")!;
  const [scratch, data, ...others] = await read();
  assert.deepEqual(others, [], "what cannot be told is left out");
  assert.ok(scratch!.usedBytes! >= 8192 && scratch!.usedBytes! < 65536, `${scratch!.usedBytes}`);
  assert.equal(scratch!.inodesUsed, 2);
  const { time: _, ...told } = data!;
  assert.deepEqual(told, {
    name: "data",
    pvcRef: { name: "db", namespace: "default" },
    capacityBytes: 100,
    usedBytes: 40,
  });
  await read();
  assert.equal(asked, 1);
  clock.step(clock.now() + 60_000);
  await read();
  assert.equal(asked, 2);
});
