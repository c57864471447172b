import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Lease } from "../api/coordination/v1/index.ts";
import { failure } from "../apimachinery/status.ts";
import { VirtualClock } from "../util/clock.ts";
import { silentLogger } from "../util/logger.ts";
import { seededRandom } from "../util/random.ts";
import type { Client } from "./client.ts";
import { aborted } from "./controller.ts";
import { createClient } from "./createClient.ts";
import { FakeApi } from "./fakeApi.ts";
import { fencedTransport } from "./fence.ts";
import { createLeaderElection } from "./leaderElection.ts";

function setUp() {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const client = createClient(new FakeApi([Lease], { clock, random }));
  const log: string[] = [];
  const candidate = (identity: string, through: Client = client) => {
    const common = { clock, random, logger: silentLogger, namespace: "kube-system", name: "lock" };
    const election = createLeaderElection({ ...common, client: through, identity });
    const stop = new AbortController();
    const lead = async (signal: AbortSignal) => {
      log.push(`+${identity}`);
      await aborted(signal);
      log.push(`-${identity}`);
    };
    const ended = election.run(lead, stop.signal);
    return { stop: () => stop.abort(), ended, election };
  };
  const advance = async (ms: number) => {
    const end = clock.now() + ms;
    for (;;) {
      for (let i = 0; i < 10; i++) await setImmediate();
      if (!clock.step(end)) return;
    }
  };
  return { client, log, candidate, advance };
}

test("one leads; when it stops, the other follows at once", async () => {
  const { log, candidate, advance } = setUp();
  const a = candidate("a");
  await advance(100);
  const b = candidate("b");
  await advance(60_000);
  assert.deepEqual(log, ["+a"]);
  a.stop();
  await a.ended;
  await advance(5_000);
  assert.deepEqual(log, ["+a", "-a", "+b"]);
  b.stop();
  await b.ended;
});

test("a leader cut off from the API server has stopped before another begins", async () => {
  const { client, log, candidate, advance } = setUp();
  let isCut = false;
  const cut: Client = Object.create(client);
  const fail = async () => {
    throw failure(503, "ServiceUnavailable", "cut off");
  };
  cut.get = (...args) => (isCut ? fail() : client.get(...args));
  cut.update = (...args) => (isCut ? fail() : client.update(...args));
  cut.create = (...args) => (isCut ? fail() : client.create(...args));
  const a = candidate("a", cut);
  await advance(100);
  const b = candidate("b");
  await advance(10_000);
  isCut = true;
  await advance(40_000);
  assert.deepEqual(log, ["+a", "-a", "+b"]);
  a.stop();
  b.stop();
  await Promise.all([a.ended, b.ended]);
});

test("a term begins with a write under its own fence, and leads under it", async () => {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const api = new FakeApi([Lease], { clock, random });
  const client = createClient(api);
  const end = new AbortController();
  const common = { clock, random, logger: silentLogger, namespace: "kube-system", name: "lock", identity: "a" };
  const fenced = (fence: string) => createClient(fencedTransport(api, fence, end.signal));
  const fences: string[] = [];
  const lead = async (signal: AbortSignal, fence: string) => {
    fences.push(fence);
    await aborted(signal);
  };
  const running = createLeaderElection({ ...common, client, fenced }).run(lead, end.signal);
  while (fences.length === 0) await setImmediate();
  const { metadata } = await client.get(Lease, { namespace: "kube-system", name: "lock" });
  assert.deepEqual(fences, [`kube-system/lock@${metadata.uid}/0`]);
  const writes = api.requests.filter(({ method }) => method !== "GET");
  assert.deepEqual(
    writes.map(({ method, fence }) => [method, fence]),
    [
      ["POST", undefined],
      ["PUT", fences[0]],
    ],
  );
  end.abort();
  await running;
});
