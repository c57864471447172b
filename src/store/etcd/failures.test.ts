import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { realClock } from "../../util/clock.ts";
import { silentLogger } from "../../util/logger.ts";
import { type Backend, type Change, RevisionMismatchError } from "../backend.ts";
import { OutcomeUnknownError, StoreFullError, StoreUnavailableError } from "../errors.ts";
import { Compactor } from "./compactor.ts";
import { EtcdConnection } from "./connection.ts";
import { openEtcdBackend } from "./etcdBackend.ts";
import { EtcdAdmin } from "./maintenance.ts";
import { NO_ETCD, PrivateEtcd } from "./privateEtcd.ts";

const common = { clock: realClock, logger: silentLogger };
const text = (value: Uint8Array) => Buffer.from(value).toString();

async function startEtcd(t: TestContext, options: Parameters<typeof PrivateEtcd.start>[0]): Promise<PrivateEtcd> {
  const etcd = await PrivateEtcd.start(options);
  t.after(() => etcd.stop());
  return etcd;
}

async function connect(t: TestContext, etcd: PrivateEtcd): Promise<Backend> {
  const backend = await openEtcdBackend({ ...common, endpoints: etcd.endpoints, compactEvery: 0 });
  t.after(() => backend.close());
  return backend;
}

/** Writes one key's values 1, 2, 3 … until told to stop; answers what was acknowledged last. */
async function count(backend: Backend, key: string, running: AbortSignal, wrote: () => void): Promise<number> {
  let at = await backend.create(key, Buffer.from("0"));
  let acknowledged = 0;
  /** A write of unknown outcome may still come true after we looked, until another one is done. */
  let doubt = false;
  while (!running.aborted || doubt) {
    try {
      at = await backend.update(key, Buffer.from(String(acknowledged + 1)), at);
      acknowledged++;
      doubt = false;
      wrote();
    } catch (error) {
      if (!isNoAnswer(error) && !(doubt && error instanceof RevisionMismatchError)) throw error;
      const entry = await patiently(backend, key);
      const stored = Number(text(entry.value));
      assert.ok(stored === acknowledged || stored === acknowledged + 1, `${stored} after ${acknowledged}`);
      if (error instanceof OutcomeUnknownError) doubt = true;
      if (!doubt) assert.equal(stored, acknowledged, "not done means not done");
      if (stored > acknowledged) doubt = false;
      at = entry.revision;
      acknowledged = stored;
    }
  }
  return acknowledged;
}

/** What a write may be told while members come and go. */
const isNoAnswer = (error: unknown) => error instanceof OutcomeUnknownError || error instanceof StoreUnavailableError;

async function patiently(backend: Backend, key: string) {
  for (;;) {
    try {
      return (await backend.get(key))!;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }
}

async function follow(backend: Backend, seen: Change[], signal: AbortSignal): Promise<void> {
  for await (const changes of backend.watch("/w/", backend.revision(), signal)) seen.push(...changes);
}

test("etcd: members killed and stopped in turn: writes go on, nothing acknowledged is lost, a watch has no gap", {
  skip: NO_ETCD,
}, async (t) => {
  const etcd = await startEtcd(t, { members: 3 });
  const backend = await connect(t, etcd);
  const writing = new AbortController();
  const watching = new AbortController();
  const seen: Change[] = [];
  const watched = follow(backend, seen, watching.signal);
  let written = 0;
  const wrote = () => written++;
  const counts = Array.from({ length: 8 }, (_, i) => count(backend, `/w/${i}`, writing.signal, wrote));
  const moreWrites = async () => {
    const enough = written + 50;
    while (written < enough) await realClock.sleep(10);
  };
  for (const member of [0, 1, 2]) {
    await moreWrites();
    await etcd.kill(member);
    await moreWrites();
    await etcd.run(member);
    await moreWrites();
    etcd.signal(member, "SIGSTOP");
    await moreWrites();
    etcd.signal(member, "SIGCONT");
  }
  writing.abort();
  const acknowledged = await Promise.all(counts);
  const { entries } = await backend.list("/w/");
  assert.deepEqual(
    entries.map(({ value }) => Number(text(value))),
    acknowledged,
  );
  const last = Math.max(...entries.map(({ revision }) => revision));
  while ((seen.at(-1)?.revision ?? 0) < last) await realClock.sleep(10);
  watching.abort();
  await watched;
  for (let i = 0; i < 8; i++) {
    const values = seen.filter(({ key }) => key === `/w/${i}`).map((c) => c.type === "put" && Number(text(c.value)));
    assert.deepEqual(
      values,
      Array.from({ length: acknowledged[i]! + 1 }, (_, n) => n),
      "each value is seen once, in order",
    );
  }
});

test("etcd: without a quorum a write is refused or unknown, a read says that nothing answers, and both work again", {
  skip: NO_ETCD,
}, async (t) => {
  const etcd = await startEtcd(t, { members: 3 });
  const backend = await connect(t, etcd);
  const at = await backend.create("/w/1", Buffer.from("one"));
  await Promise.all([etcd.kill(1), etcd.kill(2)]);
  const results = await Promise.allSettled([backend.update("/w/1", Buffer.from("two"), at), backend.get("/w/1")]);
  const [write, read] = results.map((result) => result.status === "rejected" && result.reason);
  assert.ok(write instanceof OutcomeUnknownError || write instanceof StoreUnavailableError, String(write));
  assert.ok(read instanceof StoreUnavailableError, String(read));
  await Promise.all([etcd.run(1), etcd.run(2)]);
  const entry = await patiently(backend, "/w/1");
  if (write instanceof StoreUnavailableError) assert.equal(text(entry.value), "one");
  const end = new AbortController();
  await count(backend, "/w/2", end.signal, () => end.abort());
});

/** An etcd that is soon full, as whoever writes finds it; each write's size is seen by the next one. */
const SMALL = { flags: ["--quota-backend-bytes", String(4 << 20), "--backend-batch-limit", "1"] };

test("etcd: a full database is said plainly, reads go on, and writes do again once there is room", {
  skip: NO_ETCD,
}, async (t) => {
  const etcd = await startEtcd(t, SMALL);
  const backend = await connect(t, etcd);
  let at = await backend.create("/w/1", Buffer.alloc(100_000));
  const fill = async () => {
    for (let i = 0; i < 200; i++)
      at = await backend.update("/w/1", Buffer.alloc(100_000, i), at).catch(async (error: unknown) => {
        // the one that made it full: etcd may have done it
        if (!(error instanceof OutcomeUnknownError)) throw error;
        return (await backend.get("/w/1"))!.revision;
      });
  };
  await assert.rejects(fill(), (error: unknown) => {
    assert.ok(error instanceof StoreFullError, String(error));
    assert.match(error.message, /database space exceeded; nothing was written/);
    return true;
  });
  assert.match(backend.trouble!()!, /database space exceeded/);
  assert.equal((await backend.get("/w/1"))?.revision, at);
  await assert.rejects(backend.update("/w/1", Buffer.from("late"), at - 1), RevisionMismatchError);
  const admin = new EtcdAdmin({ ...common, endpoints: etcd.endpoints });
  t.after(() => admin.close());
  assert.deepEqual(
    (await admin.alarms()).map(({ alarm }) => alarm),
    ["NOSPACE"],
  );
  await admin.makeRoom();
  assert.deepEqual(await admin.alarms(), []);
  assert.ok((await backend.update("/w/1", Buffer.from("small"), at)) > at);
});

// Etcd answers "full" to writes that it has done, when only they made it so.
test("etcd: of many writes that fill the database together, none is said not to be done that was", {
  skip: NO_ETCD,
}, async (t) => {
  const etcd = await startEtcd(t, SMALL);
  const backend = await connect(t, etcd);
  const keys = Array.from({ length: 100 }, (_, i) => `/w/${i}`);
  const results = await Promise.allSettled(keys.map((key) => backend.create(key, Buffer.alloc(100_000, key))));
  for (const [i, result] of results.entries()) {
    const isThere = (await backend.get(keys[i]!)) !== undefined;
    if (result.status === "fulfilled") assert.ok(isThere, `${keys[i]} was acknowledged`);
    else if (result.reason instanceof StoreFullError) assert.ok(!isThere, `${keys[i]} was refused`);
    else assert.ok(result.reason instanceof OutcomeUnknownError, String(result.reason));
  }
  await assert.rejects(backend.create("/w/late", Buffer.alloc(100_000)), StoreFullError);
});

test("etcd: of several compactors one has each turn, and forgets what was history at its last", {
  skip: NO_ETCD,
}, async (t) => {
  const etcd = await startEtcd(t, {});
  const backend = await connect(t, etcd);
  const connection = new EtcdConnection({ ...common, endpoints: etcd.endpoints });
  t.after(() => connection.close());
  const compactors = [0, 1, 2].map(() => new Compactor({ ...common, connection, every: 0 }));
  const turn = async () => {
    const done: (number | undefined)[] = [];
    for (const compactor of compactors) done.push(await compactor.compact());
    return done.filter((revision) => revision !== undefined);
  };
  await turn();
  await backend.create("/w/1", Buffer.from("one"));
  await turn();
  const before = backend.revision();
  await backend.create("/w/2", Buffer.from("two"));
  assert.equal((await turn()).length, 1);
  await assert.rejects(backend.list("/w/", { revision: 1 }), /no longer kept/);
  assert.equal((await backend.list("/w/", { revision: before + 1 })).entries.length, 1);
});
