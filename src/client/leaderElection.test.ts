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
  const api = new FakeApi([Lease], { clock, random });
  const client = createClient(api);
  const log: string[] = [];
  /** The client with some of its calls replaced. */
  const changed = (calls: Partial<Client>): Client =>
    Object.assign(Object.create(client), {
      get: (...args: Parameters<Client["get"]>) => client.get(...args),
      create: (...args: Parameters<Client["create"]>) => client.create(...args),
      update: (...args: Parameters<Client["update"]>) => client.update(...args),
      watch: (...args: Parameters<Client["watch"]>) => client.watch(...args),
      ...calls,
    });
  const candidate = (identity: string, through: Client = client, predecessors?: string) => {
    const common = { clock, random, logger: silentLogger, namespace: "kube-system", name: "lock" };
    const election = createLeaderElection({ ...common, client: through, identity, predecessors });
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
  return { api, client, changed, log, candidate, advance };
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
  await advance(0);
  assert.deepEqual(log, ["+a", "-a", "+b"]);
  b.stop();
  await b.ended;
});

test("whoever waits watches the Lease instead of asking for it, and asks only while it cannot watch", async () => {
  const { api, log, changed, candidate, advance } = setUp();
  const a = candidate("a");
  await advance(100);
  let watches = 0;
  const blind = changed({
    watch: () => {
      watches++;
      throw failure(403, "Forbidden", "no watch for you");
    },
  });
  const b = candidate("b");
  const c = candidate("c", blind);
  await advance(100);
  api.requests.length = 0;
  watches = 0;
  await advance(30_000);
  const asked = api.requests.filter(({ method }) => method === "GET").length;
  assert.ok(watches >= 5 && watches <= 15, `${watches} tries to watch`);
  assert.equal(asked, watches, "the one that watches asked nothing, nor did the leader");
  b.stop();
  await b.ended;
  a.stop();
  await advance(5_000);
  assert.deepEqual(log, ["+a", "-a", "+c"]);
  c.stop();
  await Promise.all([a.ended, c.ended]);
});

test("a leader that vanished is followed when its Lease runs out, and at once by its successor in the same place", async () => {
  const { log, client, changed, candidate, advance } = setUp();
  let isGone = false;
  const gone = () => Promise.reject(failure(503, "ServiceUnavailable", "gone"));
  const lost = changed({ update: (...args) => (isGone ? gone() : client.update(...args)) });
  const old = candidate("place_1", lost);
  await advance(100);
  const other = candidate("elsewhere_1");
  await advance(1_000);
  isGone = true;
  const successor = candidate("place_2", client, "place_");
  await advance(100);
  assert.deepEqual(log, ["+place_1", "+place_2"]);
  successor.stop();
  other.stop();
  old.stop();
  await Promise.all([successor.ended, other.ended, old.ended]);
});

test("a leader cut off from the API server has stopped before another begins", async () => {
  const { client, changed, log, candidate, advance } = setUp();
  let isCut = false;
  const fail = async () => {
    throw failure(503, "ServiceUnavailable", "cut off");
  };
  const cut = changed({
    get: (...args) => (isCut ? fail() : client.get(...args)),
    update: (...args) => (isCut ? fail() : client.update(...args)),
    create: (...args) => (isCut ? fail() : client.create(...args)),
  });
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
