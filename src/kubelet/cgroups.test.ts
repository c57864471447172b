import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Pod } from "../api/core/v1/index.ts";
import { silentLogger } from "../util/logger.ts";
import { realCgroups } from "./cgroups.ts";

function pod(uid: string, cpu?: string): Pod {
  const resources = cpu ? { requests: { cpu } } : {};
  return { metadata: { uid }, spec: { containers: [{ name: "a", resources }] } } as unknown as Pod;
}

async function folder(t: TestContext): Promise<string> {
  const mount = await mkdtemp(join(tmpdir(), "cox-cgroups-"));
  t.after(() => rm(mount, { recursive: true, force: true }));
  return mount;
}

test("pods of a class together get the processor time that they ask for (version 1)", async (t) => {
  const mount = await folder(t);
  for (const controller of ["cpu", "memory"]) await mkdir(join(mount, controller));
  const cgroups = realCgroups("/n", silentLogger, mount);
  const shares = async (path: string) =>
    Number(await readFile(join(mount, "cpu/n/kubepods", path, "cpu.shares"), "utf8"));

  assert.equal(await cgroups.create(pod("1", "500m")), "/n/kubepods/burstable/pod1");
  await Promise.all([cgroups.create(pod("2", "250m")), cgroups.create(pod("3")), cgroups.create(pod("4"))]);

  assert.equal(await shares("burstable/pod1"), 512);
  assert.equal(await shares("burstable"), 768);
  assert.equal(await shares("besteffort"), 2);
});

test("and with version 2", async (t) => {
  const mount = await folder(t);
  await writeFile(join(mount, "cgroup.controllers"), "cpu memory pids");
  const cgroups = realCgroups("/n", silentLogger, mount);
  const weight = async (path: string) => Number(await readFile(join(mount, "n/kubepods", path, "cpu.weight"), "utf8"));

  await Promise.all([cgroups.create(pod("1", "1")), cgroups.create(pod("2", "2")), cgroups.create(pod("3"))]);

  assert.equal(await weight("burstable"), (await weight("burstable/pod1")) + (await weight("burstable/pod2")));
  assert.equal(await weight("besteffort"), 1);
});

test("all pods together are bound to what the node has for them", async (t) => {
  const mount = await folder(t);
  for (const controller of ["cpu", "memory"]) await mkdir(join(mount, controller));
  await realCgroups("/n", silentLogger, mount).bound({ cpuShares: 1024, cpuPeriod: 100_000, memory: 5 });
  assert.equal(await readFile(join(mount, "memory/n/kubepods/memory.limit_in_bytes"), "utf8"), "5");
});
