import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap, Event } from "../api/core/v1/index.ts";
import { VirtualClock } from "../util/clock.ts";
import { silentLogger } from "../util/logger.ts";
import { seededRandom } from "../util/random.ts";
import { createClient } from "./createClient.ts";
import { createEventRecorder } from "./events.ts";
import { FakeApi } from "./fakeApi.ts";

function setUp() {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const client = createClient(new FakeApi([ConfigMap, Event], { clock, random }));
  const recorder = createEventRecorder({ client, clock, random, logger: silentLogger, component: "tester" });
  const subject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "web", namespace: "default", uid: "u" } };
  const events = async () => {
    await recorder.flush();
    return (await client.list(Event)).items;
  };
  return { clock, recorder, subject, events };
}

test("the same event again is counted on the one that is there", async () => {
  const { clock, recorder, subject, events } = setUp();
  recorder.event(subject, "Warning", "Failed", "no");
  clock.step(clock.now() + 5000);
  recorder.event(subject, "Warning", "Failed", "no");
  const [event, ...more] = await events();
  assert.equal(more.length, 0);
  assert.equal(event?.count, 2);
  assert.equal(event?.firstTimestamp, "2030-01-01T00:00:00Z");
  assert.equal(event?.lastTimestamp, "2030-01-01T00:00:05Z");
  assert.equal(event?.involvedObject.name, "web");
  assert.equal(event?.source?.component, "tester");
});

test("like events with many messages are combined", async () => {
  const { recorder, subject, events } = setUp();
  for (let i = 0; i < 15; i++) recorder.event(subject, "Normal", "Tried", `attempt ${i}`);
  const all = await events();
  assert.equal(all.length, 10);
  assert.match(all.at(-1)?.message ?? "", /^\(combined from similar events\): attempt 14$/);
  assert.equal(all.at(-1)?.count, 6);
});

test("an object that floods is cut off, and let through again later", async () => {
  const { clock, recorder, subject, events } = setUp();
  for (let i = 0; i < 40; i++) recorder.event(subject, "Normal", `R${i}`, "x");
  assert.equal((await events()).length, 25);
  clock.step(clock.now() + 300_000);
  recorder.event(subject, "Normal", "Later", "x");
  assert.equal((await events()).length, 26);
});
