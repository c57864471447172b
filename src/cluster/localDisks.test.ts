import assert from "node:assert/strict";
import { access, mkdtemp, readlink, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LocalDisks } from "./localDisks.ts";
import { tryRun } from "./run.ts";

const hasLoops = await access("/dev/loop-control").then(
  () => process.getuid?.() === 0,
  () => false,
);
const skip = hasLoops ? false : "needs root and loop devices";
const MiB = 1024 * 1024;

async function disks(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), "cox-disks-"));
  const make = () => new LocalDisks(join(root, "disks"), join(root, "devices"));
  t.after(async () => {
    await make().dropAll();
    await rm(root, { recursive: true });
  });
  return { root, make };
}

test("a disk is a device of one machine at a time, and everything can be repeated", { skip }, async (t) => {
  const { root, make } = await disks(t);
  assert.deepEqual(await make().create({ name: "pvc-1", size: MiB }), { id: "pvc-1", size: MiB });
  assert.deepEqual(await make().create({ name: "pvc-1", size: MiB }), { id: "pvc-1", size: MiB });
  const { devicePath } = await make().attach("pvc-1", "a");
  assert.ok((await stat(devicePath)).isBlockDevice());
  assert.deepEqual(await make().attach("pvc-1", "a"), { devicePath });
  await assert.rejects(make().attach("pvc-1", "b"), /disk pvc-1 is attached to a/);
  await assert.rejects(make().delete("pvc-1"), /disk pvc-1 is attached to a/);
  await make().detach("pvc-1", "b"); // never had it
  await assert.rejects(make().attach("pvc-1", "b"), /attached to a/);
  await make().detach("pvc-1", "a");
  await make().detach("pvc-1", "a");
  await assert.rejects(stat(devicePath));
  await make().attach("pvc-1", "b");
  await make().detach("pvc-1", "b");
  await make().delete("pvc-1");
  await make().delete("pvc-1");
  await assert.rejects(stat(join(root, "disks", "pvc-1.img")));
});

test("an attached disk grows under its device, and never shrinks", { skip }, async (t) => {
  const { make } = await disks(t);
  await make().create({ name: "pvc-1", size: MiB });
  const { devicePath } = await make().attach("pvc-1", "a");
  const size = async () => Number((await tryRun("blockdev", ["--getsize64", await readlink(devicePath)])).stdout);
  await make().resize("pvc-1", 3 * MiB);
  assert.equal(await size(), 3 * MiB);
  await make().resize("pvc-1", 2 * MiB);
  assert.equal(await size(), 3 * MiB);
});

test("a name cannot lead out of the folder", async (t) => {
  const { make } = await disks(t);
  await assert.rejects(make().create({ name: "../x", size: 1 }), /is no name of a disk/);
});
