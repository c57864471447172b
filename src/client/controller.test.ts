import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { ConfigMap, Secret } from "../api/core/v1/index.ts";
import { VirtualClock } from "../util/clock.ts";
import { silentLogger } from "../util/logger.ts";
import { seededRandom } from "../util/random.ts";
import { after, type ControllerSpec, controller, done, watch } from "./controller.ts";
import { createClient } from "./createClient.ts";
import { createInformers } from "./createInformers.ts";
import { silentRecorder } from "./events.ts";
import { FakeApi } from "./fakeApi.ts";

async function turns(count = 30): Promise<void> {
  for (let i = 0; i < count; i++) await setImmediate();
}

async function setUp(t: { after(fn: () => Promise<void>): void }, spec: Partial<ControllerSpec<ConfigMap>>) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const api = new FakeApi([ConfigMap, Secret], { clock, random });
  const client = createClient(api);
  const informers = createInformers(client, { clock, logger: silentLogger, random });
  const stop = new AbortController();
  const reconcile = spec.reconcile ?? (async () => done);
  const runtime = { client, informers, clock, random, logger: silentLogger, events: silentRecorder };
  const running = controller({ name: "test", for: ConfigMap, reconcile, ...spec }).run(runtime, stop.signal);
  const watching = informers.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await Promise.all([running, watching]);
  });
  await turns();
  return { clock, api, client };
}

const configMap = (name: string): ConfigMap => ({ metadata: { name, namespace: "default" }, data: {} });
const secretOf = (owner: ConfigMap): Secret => ({
  metadata: {
    generateName: "made-",
    namespace: "default",
    ownerReferences: [
      { apiVersion: "v1", kind: "ConfigMap", name: owner.metadata.name!, uid: owner.metadata.uid!, controller: true },
    ],
  },
});

test("a key is not reconciled before its own last write has been seen", async (t) => {
  const seen: number[] = [];
  const { api, client } = await setUp(t, {
    owns: [Secret],
    async reconcile(owner, { client, view }) {
      const owned = view.owned(Secret, owner).length;
      seen.push(owned);
      if (owned < 1) await client.create(Secret, secretOf(owner));
      return done;
    },
  });
  const created = await client.create(ConfigMap, configMap("a"));
  await turns();
  api.hold();
  await client.create(Secret, secretOf(created)); // not ours, and kept from the watch
  await client.update(ConfigMap, { ...created, data: { x: "1" } });
  await turns();
  const before = [...seen];
  api.release();
  await turns();
  assert.deepEqual(before, [0, 1]);
  assert.equal((await client.list(Secret)).items.length, 2);
});

test("while the watch is slow, nothing is created twice", async (t) => {
  const { api, client } = await setUp(t, {
    owns: [Secret],
    async reconcile(owner, { client, view }) {
      if (view.owned(Secret, owner).length === 0) await client.create(Secret, secretOf(owner));
      return after(10);
    },
  });
  await client.create(ConfigMap, configMap("a"));
  await setImmediate();
  api.hold();
  await turns();
  api.release();
  await turns();
  assert.equal((await client.list(Secret)).items.length, 1);
});

test("a failure is retried with growing delays, and success resets them", async (t) => {
  const at: number[] = [];
  const { clock, client } = await setUp(t, {
    async reconcile(_, { clock }) {
      at.push(clock.now());
      if (at.length < 5) throw new Error("not yet");
      return done;
    },
  });
  await client.create(ConfigMap, configMap("a"));
  await turns();
  for (let i = 0; i < 6; i++) {
    clock.step(clock.now() + 1000);
    await turns();
  }
  assert.deepEqual(
    at.map((time, i) => (i === 0 ? 0 : time - at[i - 1]!)),
    [0, 5, 10, 20, 40],
  );
});

test("after(ms) looks again then, and not before", async (t) => {
  let count = 0;
  const { clock, client } = await setUp(t, {
    async reconcile() {
      count++;
      return after(60_000);
    },
  });
  await client.create(ConfigMap, configMap("a"));
  await turns();
  clock.step(clock.now() + 59_999);
  await turns();
  assert.equal(count, 1);
  clock.step(clock.now() + 1);
  await turns();
  assert.equal(count, 2);
});

test("what is owned or watched wakes its object, and deletion calls gone", async (t) => {
  const woken: string[] = [];
  const { client } = await setUp(t, {
    watches: [watch(Secret, (secret) => [{ namespace: "default", name: secret.data?.of ?? "" }])],
    async reconcile(object) {
      woken.push(object.metadata.name!);
      return done;
    },
    async gone({ name }) {
      woken.push(`-${name}`);
    },
  });
  await client.create(ConfigMap, configMap("a"));
  await turns();
  await client.create(Secret, { metadata: { name: "s", namespace: "default" }, data: { of: "a" } });
  await turns();
  await client.delete(ConfigMap, { namespace: "default", name: "a" });
  await turns();
  assert.deepEqual(woken, ["a", "a", "-a"]);
});

test("a burst of changes is one reconcile", async (t) => {
  let count = 0;
  const { api, client } = await setUp(t, {
    async reconcile() {
      count++;
      return done;
    },
  });
  let object = await client.create(ConfigMap, configMap("a"));
  await turns();
  count = 0;
  api.hold();
  for (let i = 0; i < 10; i++) object = await client.update(ConfigMap, { ...object, data: { i: String(i) } });
  api.release();
  await turns();
  assert.equal(count, 1);
});
