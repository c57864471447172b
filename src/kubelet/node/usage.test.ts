import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { cgroupUsage, memoryLeft } from "./usage.ts";

/** A mount of control groups with these files. */
async function mounted(t: TestContext, files: Record<string, string>): Promise<string> {
  const mount = await mkdtemp(join(tmpdir(), "cox-cgroup-"));
  t.after(() => rm(mount, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(mount, path)), { recursive: true });
    await writeFile(join(mount, path), content);
  }
  return mount;
}

test("a group's usage is read with version 1 of control groups", async (t) => {
  const mount = await mounted(t, {
    "cpuacct/a/cpuacct.usage": "5000000000\n",
    "memory/a/memory.usage_in_bytes": "1000\n",
    "memory/a/memory.stat": "inactive_file 1\ntotal_inactive_file 300\n",
  });
  assert.deepEqual(await cgroupUsage("/a", mount), { cpu: 5e9, memory: 1000, workingSet: 700 });
  assert.equal(await cgroupUsage("/b", mount), undefined);
});

test("and with version 2", async (t) => {
  const mount = await mounted(t, {
    "cgroup.controllers": "cpu memory pids\n",
    "a/cpu.stat": "usage_usec 5000000\nuser_usec 1\n",
    "a/memory.current": "1000\n",
    "a/memory.stat": "anon 100\ninactive_file 1200\n",
  });
  assert.deepEqual(await cgroupUsage("/a", mount), { cpu: 5e9, memory: 1000, workingSet: 0 });
  assert.equal(await cgroupUsage("/b", mount), undefined);
});

test("a node has no more left than it was given, however much the machine has", async () => {
  const left = await memoryLeft(1 << 20, { cpu: 0, memory: 0, workingSet: 1 << 19 });
  assert.equal(left, 1 << 19);
  assert.equal(await memoryLeft(1 << 20, { cpu: 0, memory: 0, workingSet: 1 << 21 }), 0);
});
