import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ClusterConfig } from "../layout.ts";
import { clusterNetwork } from "../layout.ts";
import { tryRun } from "../run.ts";
import { claimAddress, claimedAddresses, releaseAddress } from "./addresses.ts";
import {
  createMachine,
  cutMachine,
  inMachine,
  listMachines,
  type Machine,
  powerOffAll,
  removeMachine,
  restoreMachine,
} from "./machines.ts";

const root = process.getuid?.() === 0 && process.platform === "linux" ? false : "needs root on Linux";

test("an address is one machine's, and free again once it is released", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "coxswain-claims-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const claims = await Promise.all(["a", "b", "c"].map((name) => claimAddress(folder, "10.9.0.", name)));
  assert.deepEqual(claims.toSorted(), ["10.9.0.2", "10.9.0.3", "10.9.0.4"]);
  assert.equal(await claimAddress(folder, "10.9.0.", "b"), claims[1]);

  await releaseAddress(folder, "b");

  assert.equal(await claimAddress(folder, "10.9.0.", "d"), claims[1]);
  assert.deepEqual([...(await claimedAddresses(folder)).keys()].toSorted(), ["a", "c", "d"]);
});

test("machines reach each other and the host, can be cut off, and leave nothing", { skip: root }, async (t) => {
  const config = await privateCluster(t);
  const [a, b] = await Promise.all([createMachine(config, "a"), createMachine(config, "b")]);
  assert.deepEqual(await listMachines(config), [a, b]);
  assert.ok(await reaches(a, b.address), "a machine reaches another");
  assert.ok(await reaches(a, clusterNetwork(config.name, config.index).machines.gateway), "and the host");

  await cutMachine(config, "b");
  assert.equal(await reaches(a, b.address), false, "no packet passes");
  await restoreMachine(config, "b");
  assert.ok(await reaches(a, b.address), "until the cable is back");
  assert.deepEqual(await createMachine(config, "b"), b, "making it again changes nothing");

  await removeMachine(config, "b");
  assert.deepEqual(await listMachines(config), [a]);
  assert.equal((await run(b, ["true"])).code, 1, "its namespace is gone");
  await assert.rejects(cutMachine(config, "b"), /has no running machine b/);
});

/** Only ports matter here, so a machine is asked by the TCP reset of one that is closed, or by its answer to ARP. */
async function reaches(from: Machine, address: string): Promise<boolean> {
  const script = `ip neigh flush dev eth0; timeout 1 bash -c 'echo >/dev/tcp/${address}/9' 2>&1; true`;
  const { stdout } = await run(from, ["sh", "-c", script]);
  return stdout.includes("refused");
}

function run(machine: Machine, command: string[]) {
  const [program, ...args] = inMachine(machine, command);
  return tryRun(program!, args);
}

async function privateCluster(t: { after(end: () => Promise<void>): void }): Promise<ClusterConfig> {
  const folder = await mkdtemp(join(tmpdir(), "coxswain-machines-"));
  const before = { ...process.env };
  process.env.COXSWAIN_STATE_ROOT = join(folder, "state");
  process.env.COXSWAIN_RUN_ROOT = join(folder, "run");
  const name = `machines-${process.pid}`;
  // beyond what any cluster of this machine will have
  const config = { name, index: 90, nodeName: "host", nodeIP: "10.250.0.1", createdAt: 0 };
  t.after(async () => {
    await powerOffAll(name, config.index);
    process.env = before;
    await rm(folder, { recursive: true, force: true });
  });
  return config;
}
