import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { ConfigMap, Pod } from "../api/core/v1/index.ts";
import { VirtualClock } from "../util/clock.ts";
import { silentLogger } from "../util/logger.ts";
import { seededRandom } from "../util/random.ts";
import { createClient } from "./createClient.ts";
import { createInformers } from "./createInformers.ts";
import { FakeApi } from "./fakeApi.ts";

const configMap = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  metadata: { name, namespace: "default" },
  data,
});

function setUp(t: { after(fn: () => void): void }) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const api = new FakeApi([ConfigMap, Pod], { clock, random });
  const client = createClient(api);
  const informers = createInformers(client, { clock, logger: silentLogger, random });
  const stop = new AbortController();
  t.after(() => stop.abort());
  return { clock, api, client, informers, stop };
}

async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await setImmediate();
}

test("an informer lists, then follows changes, and tells handlers of each in order", async (t) => {
  const { client, informers, stop } = setUp(t);
  await client.create(ConfigMap, configMap("a"));
  const informer = informers.informer(ConfigMap);
  const told: string[] = [];
  informer.subscribe({
    added: (o) => told.push(`+${o.metadata.name}`),
    updated: (o) => told.push(`~${o.metadata.name}`),
    deleted: (o) => told.push(`-${o.metadata.name}`),
  });
  void informers.run(stop.signal);
  await informer.whenSynced(stop.signal);
  const b = await client.create(ConfigMap, configMap("b"));
  await client.update(ConfigMap, { ...b, data: { x: "1" } });
  await client.delete(ConfigMap, { namespace: "default", name: "a" });
  await turns();
  assert.deepEqual(told, ["+a", "+b", "~b", "-a"]);
  assert.deepEqual(informer.get({ namespace: "default", name: "b" })?.data, { x: "1" });
  assert.equal(informer.list().length, 1);
  assert.equal(informer.list("elsewhere").length, 0);
});

test("an informer hands out the very objects that the transport gave it", async (t) => {
  const { client, informers, stop } = setUp(t);
  const created = await client.create(ConfigMap, configMap("a"));
  const informer = informers.informer(ConfigMap);
  void informers.run(stop.signal);
  await informer.whenSynced(stop.signal);
  assert.equal(informer.get({ namespace: "default", name: "a" }), created);
});

test("an informer whose version is too old lists anew and tells only what differs", async (t) => {
  const { api, client, informers, stop, clock } = setUp(t);
  await client.create(ConfigMap, configMap("kept"));
  await client.create(ConfigMap, configMap("lost"));
  const informer = informers.informer(ConfigMap);
  void informers.run(stop.signal);
  await informer.whenSynced(stop.signal);
  const told: string[] = [];
  informer.subscribe({
    added: (o) => told.push(`+${o.metadata.name}`),
    updated: (o) => told.push(`~${o.metadata.name}`),
    deleted: (o) => told.push(`-${o.metadata.name}`),
  });
  told.length = 0;
  api.hold();
  await client.delete(ConfigMap, { namespace: "default", name: "lost" });
  await client.create(ConfigMap, configMap("new"));
  api.compact();
  await turns();
  clock.step(clock.now() + 1000);
  await turns();
  assert.deepEqual(told.sort(), ["+new", "-lost"]);
});

test("indexes answer by value, whether added before or after the objects came", async (t) => {
  const { client, informers, stop } = setUp(t);
  await client.create(ConfigMap, configMap("a", { colour: "red" }));
  const informer = informers.informer(ConfigMap);
  void informers.run(stop.signal);
  await informer.whenSynced(stop.signal);
  informer.addIndex("colour", (o) => Object.values(o.data ?? {}));
  const b = await client.create(ConfigMap, configMap("b", { colour: "red" }));
  await turns();
  assert.equal(informer.byIndex("colour", "red").length, 2);
  await client.update(ConfigMap, { ...b, data: { colour: "blue" } });
  await turns();
  assert.deepEqual(
    informer.byIndex("colour", "red").map((o) => o.metadata.name),
    ["a"],
  );
});

test("asking twice for the same kind and scope gives the same informer", (t) => {
  const { informers } = setUp(t);
  assert.equal(informers.informer(Pod), informers.informer(Pod));
  assert.notEqual(informers.informer(Pod), informers.informer(Pod, { namespace: "a" }));
});
