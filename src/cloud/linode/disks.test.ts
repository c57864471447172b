import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { VirtualClock } from "../../util/clock.ts";
import { seededRandom } from "../../util/random.ts";
import { startEmulator } from "./emulator.ts";
import { createLinodeProvider } from "./index.ts";

/** Whoever sleeps on it wakes at once, and the time has passed. */
class PassingClock extends VirtualClock {
  override async sleep(ms: number): Promise<void> {
    const until = this.now() + ms;
    while (this.step(until));
  }
}
const GIB = 2 ** 30;
const UID = "pvc-0b7a2c1e-5d7f-4a51-9f0e-3f1d2c4b5a69";

async function account(t: TestContext) {
  const clock = new PassingClock();
  const emulator = await startEmulator({ token: "right", clock });
  t.after(() => emulator.close());
  const config = { token: "right", region: "eu-central", cluster: "test", apiUrl: emulator.url, nodeGroups: [] };
  const disks = createLinodeProvider({ ...config, clock, random: seededRandom(1) }).disks!;
  const make = (label: string, region = "eu-central") =>
    emulator.account.createLinode({ label, region, type: "g6-nanode-1" });
  return { ...emulator, disks, make };
}

test("a volume is made once, however often it is asked for, and at least as large as asked", async (t) => {
  const { disks, account: has, loseAnswer } = await account(t);
  loseAnswer(/^POST \/volumes$/);
  await assert.rejects(disks.create({ name: UID, size: 3 * GIB }), /Linode: POST \/volumes: /);
  const disk = await disks.create({ name: UID, size: 3 * GIB });
  assert.equal(disk.size, 10 * GIB, "the smallest there is");
  const [made, ...others] = has.volumes.list();
  assert.deepEqual(others, []);
  assert.deepEqual(
    [String(made?.id), made?.label, made?.tags],
    [disk.id, UID.replaceAll("-", "").slice(0, 32), ["cluster:test"]],
  );
  assert.equal((await disks.create({ name: "other", size: 10.5 * GIB })).size, 11 * GIB);
});

test("a volume goes from machine to machine, and is never at two", async (t) => {
  const { disks, make, account: has } = await account(t);
  const [a, b] = [make("node-a"), make("node-b")];
  const { id } = await disks.create({ name: UID, size: 10 * GIB });
  const at = await disks.attach(id, "node-a");
  assert.match(at.devicePath, /^\/dev\/disk\/by-id\/scsi-0Linode_Volume_pvc0b7a/);
  assert.equal(has.volumes.get(id).linode_id, a.id, "not told before it is so");
  assert.deepEqual(await disks.attach(id, "node-a"), at, "again is harmless");
  await assert.rejects(disks.attach(id, "node-b"), new RegExp(`volume ${id} is attached to machine ${a.id}`));
  await disks.detach(id, "node-b");
  assert.equal(has.volumes.get(id).linode_id, a.id, "nothing is taken from another machine");
  await assert.rejects(disks.delete(id), /Volume must be detached/);
  await disks.detach(id, "node-a");
  await disks.attach(id, "node-b");
  assert.equal(has.volumes.get(id).linode_id, b.id);
});

test("a machine that is gone holds no volume", async (t) => {
  const { disks, make, account: has } = await account(t);
  const { id } = await disks.create({ name: UID, size: 10 * GIB });
  const a = make("node-a");
  await disks.attach(id, "node-a");
  has.deleteLinode(String(a.id));
  await disks.detach(id, "node-a");
  await disks.delete(id);
  await disks.delete(id);
  assert.deepEqual(has.volumes.list(), []);
});

test("a volume grows, never shrinks, and stays in its region", async (t) => {
  const { disks, make, account: has, calls } = await account(t);
  const { id } = await disks.create({ name: UID, size: 10 * GIB });
  await disks.resize(id, 20 * GIB);
  await disks.resize(id, 15 * GIB);
  assert.equal(has.volumes.get(id).size, 20);
  assert.equal(calls.filter((call) => call.endsWith("/resize")).length, 1);
  make("far", "us-east");
  await assert.rejects(disks.attach(id, "far"), /attach: 400 linode_id: Volume and Linode are not in the same region/);
  await assert.rejects(disks.attach(id, "nowhere"), /there is no machine "nowhere"/);
  await assert.rejects(disks.resize("pvc-x", GIB), /volume handle "pvc-x" is no number/);
});
