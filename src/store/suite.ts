import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Backend,
  type Change,
  CompactedError,
  FutureRevisionError,
  GuardError,
  KeyExistsError,
  RevisionMismatchError,
} from "./backend.ts";
import type { HistoryLimits } from "./ledger.ts";

/** One engine, as the suite drives it. */
export interface Engine {
  name: string;
  /** why it cannot be tested here */
  skip?: string | false;
  /** A new, empty store. */
  open(options?: { history?: Partial<HistoryLimits> }): Promise<Backend>;
  /** History is bounded by time, not in changes or bytes. */
  forgetsByTime?: true;
  /** Closes the store and opens what it kept; left out by engines that keep nothing. */
  reopen?(backend: Backend): Promise<Backend>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined) => value && new TextDecoder().decode(value);
const show = (change: Change) =>
  change.type === "put"
    ? `${change.revision} ${change.created ? "create" : "update"} ${change.key}=${text(change.value)}`
    : `${change.revision} delete ${change.key} was ${text(change.previous)}`;

/** Reads changes until there are `count`, then ends the watch. */
async function collect(backend: Backend, prefix: string, from: number, count: number): Promise<Change[]> {
  const end = new AbortController();
  const seen: Change[] = [];
  if (count === 0) return seen;
  for await (const batch of backend.watch(prefix, from, end.signal)) {
    seen.push(...batch);
    if (seen.length >= count) end.abort();
  }
  return seen;
}

async function fill(backend: Backend, prefix: string, count: number): Promise<number> {
  const key = (i: number) => `${prefix}${String(i).padStart(5, "0")}`;
  const revisions = await Promise.all(Array.from({ length: count }, (_, i) => backend.create(key(i), bytes(`v${i}`))));
  return Math.max(...revisions);
}

/** What every engine must do, whatever it keeps its bytes in. */
export function backendSuite(engine: Engine): void {
  const { skip = false } = engine;
  const check = (
    name: string,
    body: (backend: Backend) => Promise<void>,
    options: { history?: Partial<HistoryLimits> } = {},
  ) =>
    test(`${engine.name}: ${name}`, { skip }, async () => {
      const backend = await engine.open(options);
      try {
        await body(backend);
      } finally {
        await backend.close();
      }
    });

  check("an empty store is at revision 1", async (backend) => {
    assert.equal(backend.revision(), 1);
    assert.deepEqual(await backend.list("/"), { revision: 1, entries: [], remaining: 0 });
    assert.equal(await backend.get("/a/b"), undefined);
  });

  check("each write takes the next revision, and reads see the last write", async (backend) => {
    assert.equal(await backend.create("/a/1", bytes("one")), 2);
    assert.equal(await backend.create("/b/1", bytes("other")), 3);
    assert.equal(await backend.update("/a/1", bytes("two"), 2), 4);
    const entry = await backend.get("/a/1");
    assert.deepEqual([entry?.revision, text(entry?.value)], [4, "two"]);
    assert.equal(await backend.delete("/a/1", 4), 5);
    assert.equal(await backend.get("/a/1"), undefined);
    assert.equal(await backend.create("/a/1", bytes("again")), 6);
    assert.equal(backend.revision(), 6);
  });

  check("create refuses a key that exists, and says what it holds", async (backend) => {
    await backend.create("/a/1", bytes("one"));
    await assert.rejects(backend.create("/a/1", bytes("two")), (error: unknown) => {
      assert.ok(error instanceof KeyExistsError);
      assert.deepEqual([error.current.revision, text(error.current.value)], [2, "one"]);
      return true;
    });
    assert.equal(backend.revision(), 2);
  });

  check("update and delete refuse another revision than the expected one, and a key that is gone", async (backend) => {
    await backend.create("/a/1", bytes("one"));
    await backend.update("/a/1", bytes("two"), 2);
    for (const write of [() => backend.update("/a/1", bytes("x"), 2), () => backend.delete("/a/1", 2)]) {
      await assert.rejects(write(), (error: unknown) => {
        assert.ok(error instanceof RevisionMismatchError);
        assert.deepEqual([error.current?.revision, text(error.current?.value)], [3, "two"]);
        return true;
      });
    }
    for (const write of [() => backend.update("/a/2", bytes("x"), 2), () => backend.delete("/a/2", 2)]) {
      await assert.rejects(write(), (error: unknown) => {
        assert.ok(error instanceof RevisionMismatchError);
        assert.equal(error.current, undefined);
        return true;
      });
    }
    await assert.rejects(backend.delete("/a/2", 0), RevisionMismatchError);
  });

  check("of many writers that expect one revision, one wins", async (backend) => {
    await backend.create("/a/1", bytes("0"));
    const tries = Array.from({ length: 20 }, (_, i) => backend.update("/a/1", bytes(`${i}`), 2));
    const results = await Promise.allSettled(tries);
    assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
    for (const result of results) {
      if (result.status === "rejected") assert.ok(result.reason instanceof RevisionMismatchError);
    }
    assert.equal(backend.revision(), 3);
  });

  check("a guarded write is done only while the guard's key has not been written again", async (backend) => {
    const guard = { key: "/leader", revision: await backend.create("/leader", bytes("a")) };
    const at = await backend.create("/a/1", bytes("one"), guard);
    assert.equal(await backend.update("/a/1", bytes("two"), at, guard), 4);
    assert.equal(await backend.update("/leader", bytes("b"), guard.revision), 5);
    await assert.rejects(backend.update("/a/1", bytes("three"), 4, guard), GuardError);
    await assert.rejects(backend.create("/a/2", bytes("x"), guard), GuardError);
    await assert.rejects(backend.delete("/a/1", 4, guard), GuardError);
    await assert.rejects(backend.create("/a/1", bytes("x"), { key: "/leader", revision: 5 }), KeyExistsError);
    assert.equal(text((await backend.get("/a/1"))?.value), "two");
    assert.equal(await backend.latest(), 5);
  });

  check("concurrent writers share out the revisions without hole or repeat", async (backend) => {
    const writers = Array.from({ length: 32 }, async (_, writer) => {
      const revisions: number[] = [];
      let at = await backend.create(`/w/${writer}`, bytes("0"));
      for (let i = 1; i < 10; i++) {
        revisions.push(at);
        at = await backend.update(`/w/${writer}`, bytes(`${i}`), at);
      }
      return [...revisions, at];
    });
    const revisions = (await Promise.all(writers)).flat().sort((a, b) => a - b);
    assert.deepEqual(
      revisions,
      Array.from({ length: 320 }, (_, i) => i + 2),
    );
  });

  check("counters incremented by optimistic concurrency lose nothing", async (backend) => {
    await backend.create("/counter", bytes("0"));
    const increment = async () => {
      for (;;) {
        const entry = (await backend.get("/counter"))!;
        try {
          return await backend.update("/counter", bytes(String(Number(text(entry.value)) + 1)), entry.revision);
        } catch (error) {
          if (!(error instanceof RevisionMismatchError)) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, () => increment()));
    assert.equal(text((await backend.get("/counter"))?.value), "8");
  });

  check("lists one prefix in key order", async (backend) => {
    for (const key of ["/a/2", "/b/1", "/a/1", "/aa/1", "/a/10"]) await backend.create(key, bytes(key));
    const page = await backend.list("/a/");
    assert.deepEqual(
      page.entries.map((entry) => [entry.key, entry.revision, text(entry.value)]),
      [
        ["/a/1", 4, "/a/1"],
        ["/a/10", 6, "/a/10"],
        ["/a/2", 2, "/a/2"],
      ],
    );
    assert.deepEqual([page.revision, page.remaining], [6, 0]);
  });

  check("pages through a list at one revision while it changes", async (backend) => {
    const revision = await fill(backend, "/p/", 25);
    const keys: string[] = [];
    let after: string | undefined;
    for (let round = 0; ; round++) {
      const page = await backend.list("/p/", { revision, limit: 10, after });
      assert.equal(page.revision, revision);
      keys.push(...page.entries.map((entry) => entry.key));
      assert.equal(page.remaining, 25 - keys.length);
      for (const entry of page.entries) assert.equal(text(entry.value), `v${Number(entry.key.slice(3))}`);
      if (page.remaining === 0) break;
      after = keys.at(-1);
      await backend.create(`/p/${after?.slice(3)}-new${round}`, bytes("new"));
      const last = (await backend.get("/p/00024"))!;
      if (round === 0) await backend.update("/p/00024", bytes("changed"), last.revision);
      if (round === 1) await backend.delete("/p/00024", last.revision);
    }
    assert.deepEqual(
      keys,
      Array.from({ length: 25 }, (_, i) => `/p/${String(i).padStart(5, "0")}`),
    );
  });

  check("reads a key as it was", async (backend) => {
    await backend.create("/a/1", bytes("one"));
    await backend.update("/a/1", bytes("two"), 2);
    await backend.delete("/a/1", 3);
    const at = async (revision: number) => text((await backend.get("/a/1", { revision }))?.value);
    assert.deepEqual([await at(1), await at(2), await at(3), await at(4)], [undefined, "one", "two", undefined]);
  });

  check("a watch from a revision tells every later change under its prefix, in order", async (backend) => {
    await backend.create("/a/1", bytes("one"));
    await backend.create("/b/1", bytes("other"));
    await backend.update("/a/1", bytes("two"), 2);
    await backend.delete("/a/1", 4);
    await backend.create("/a/1", bytes("three"));
    assert.deepEqual((await collect(backend, "/a/", 1, 4)).map(show), [
      "2 create /a/1=one",
      "4 update /a/1=two",
      "5 delete /a/1 was two",
      "6 create /a/1=three",
    ]);
    assert.deepEqual((await collect(backend, "/a/", 4, 2)).map(show), ["5 delete /a/1 was two", "6 create /a/1=three"]);
  });

  check("watches begun at any moment under load have no gap and no duplicate", async (backend) => {
    const total = 400;
    const watches: Promise<{ from: number; seen: Change[] }>[] = [];
    const write = async (writer: number) => {
      for (let i = 0; i < total / 8; i++) {
        await backend.create(`/w/${writer}-${i}`, bytes(`${i}`));
        if (i % 10 !== 0) continue;
        const from = backend.revision();
        watches.push(collect(backend, "/w/", from, total + 1 - from).then((seen) => ({ from, seen })));
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
    for (const { from, seen } of await Promise.all(watches)) {
      const want = Array.from({ length: total + 1 - from }, (_, i) => from + 1 + i);
      assert.deepEqual(
        seen.map((change) => change.revision),
        want,
      );
    }
  });

  check("a watcher that comes for its changes late misses none", async (backend) => {
    const end = new AbortController();
    const watch = backend.watch("/p/", 1, end.signal)[Symbol.asyncIterator]();
    await backend.create("/p/first", bytes("x"));
    const revisions = (await watch.next()).value!.map((change: Change) => change.revision);
    const last = await fill(backend, "/p/", 6000);
    while (revisions.at(-1) !== last) {
      revisions.push(...(await watch.next()).value!.map((change: Change) => change.revision));
    }
    assert.deepEqual(
      revisions,
      Array.from({ length: last - 1 }, (_, i) => i + 2),
    );
    end.abort();
    assert.equal((await watch.next()).done, true);
  });

  check("a watch shows a change no later than its writer knows of it, and ends when aborted", async (backend) => {
    const end = new AbortController();
    const watch = backend.watch("/a/", 1, end.signal)[Symbol.asyncIterator]();
    const next = watch.next();
    const order: string[] = [];
    const watched = next.then(() => order.push("watched"));
    await backend.create("/a/1", bytes("one")).then(() => order.push("written"));
    await watched;
    assert.equal(order.length, 2);
    const idle = watch.next();
    end.abort();
    assert.equal((await idle).done, true);
  });

  check("compaction forgets history and keeps values", async (backend) => {
    await backend.create("/a/1", bytes("one"));
    await backend.create("/a/2", bytes("other"));
    await backend.update("/a/1", bytes("two"), 2);
    await backend.delete("/a/2", 3);
    await backend.compact(4);
    await assert.rejects(collect(backend, "/a/", 3, 1), (error: unknown) => {
      assert.ok(error instanceof CompactedError);
      assert.equal(error.compacted, 4);
      return true;
    });
    await assert.rejects(backend.list("/a/", { revision: 3 }), CompactedError);
    await assert.rejects(backend.get("/a/1", { revision: 2 }), CompactedError);
    const then = await backend.list("/a/", { revision: 4 });
    assert.deepEqual(
      then.entries.map((entry) => text(entry.value)),
      ["two", "other"],
    );
    assert.deepEqual((await collect(backend, "/a/", 4, 1)).map(show), ["5 delete /a/2 was other"]);
    await backend.compact(5);
    await backend.compact(2);
    assert.equal(text((await backend.get("/a/1"))?.value), "two");
    assert.equal(backend.revision(), 5);
  });

  check("a revision that is not yet reached is refused", async (backend) => {
    await backend.create("/a/1", bytes("one"));
    for (const ask of [
      () => backend.get("/a/1", { revision: 3 }),
      () => backend.list("/a/", { revision: 3 }),
      () => collect(backend, "/a/", 3, 1),
      () => backend.compact(3),
    ]) {
      await assert.rejects(ask(), (error: unknown) => {
        assert.ok(error instanceof FutureRevisionError);
        assert.equal(error.current, 2);
        return true;
      });
    }
  });

  const checkBounds = engine.forgetsByTime ? () => undefined : check;

  checkBounds(
    "history beyond its bound is compacted by itself, and what is kept stays whole",
    async (backend) => {
      let at = await backend.create("/a/1", bytes("0"));
      await backend.create("/a/2", bytes("still"));
      for (let i = 1; i <= 200; i++) at = await backend.update("/a/1", bytes(`${i}`), at);
      await assert.rejects(collect(backend, "/a/", at - 60, 1), CompactedError);
      const kept = await collect(backend, "/a/", at - 50, 50);
      assert.deepEqual(
        kept.map((change) => text(change.type === "put" ? change.value : change.previous)),
        Array.from({ length: 50 }, (_, i) => `${i + 151}`),
      );
      assert.equal(text((await backend.get("/a/2"))?.value), "still");
      assert.equal(text((await backend.get("/a/1", { revision: at - 50 }))?.value), "150");
    },
    { history: { changes: 50 } },
  );

  checkBounds(
    "history is bounded in bytes, too",
    async (backend) => {
      let at = await backend.create("/a/1", new Uint8Array(1000));
      for (let i = 0; i < 200; i++) at = await backend.update("/a/1", new Uint8Array(1000), at);
      await assert.rejects(collect(backend, "/a/", 1, 1), CompactedError);
      assert.equal((await collect(backend, "/a/", at - 5, 5)).length, 5);
    },
    { history: { bytes: 20_000 } },
  );

  check("a closed store refuses writes and ends watches with an error", async (backend) => {
    const watch = backend.watch("/a/", 1, new AbortController().signal)[Symbol.asyncIterator]();
    const next = watch.next();
    const written = backend.create("/a/1", bytes("one"));
    const [first] = await Promise.all([next, written]);
    assert.equal(first.value?.[0]?.key, "/a/1");
    const idle = watch.next();
    await Promise.all([backend.close(), assert.rejects(idle, /the store is closed/)]);
    await assert.rejects(backend.create("/a/2", bytes("two")), /the store is closed/);
    await assert.rejects(backend.get("/a/1"), /the store is closed/);
  });

  const { reopen } = engine;
  if (!reopen) return;

  test(`${engine.name}: everything is there after it was closed and opened`, { skip }, async () => {
    let backend = await engine.open();
    await backend.create("/a/1", bytes("one"));
    await backend.update("/a/1", bytes("two"), 2);
    await backend.create("/a/2", bytes("other"));
    await backend.delete("/a/2", 4);
    const before = (await collect(backend, "/", 1, 4)).map(show);
    backend = await reopen(backend);
    assert.equal(backend.revision(), 5);
    assert.equal(text((await backend.get("/a/1"))?.value), "two");
    assert.deepEqual((await collect(backend, "/", 1, 4)).map(show), before);
    assert.equal(await backend.create("/a/2", bytes("new")), 6);
    await backend.compact(6);
    backend = await reopen(backend);
    await assert.rejects(collect(backend, "/", 5, 1), CompactedError);
    assert.equal(await backend.update("/a/2", bytes("newer"), 6), 7);
    await backend.close();
  });

  test(`${engine.name}: revisions go on after everything was deleted, compacted and opened again`, {
    skip,
  }, async () => {
    let backend = await engine.open();
    await backend.create("/a/1", bytes("one"));
    await backend.delete("/a/1", 2);
    await backend.compact(3);
    backend = await reopen(backend);
    assert.equal(backend.revision(), 3);
    assert.equal(await backend.create("/a/1", bytes("one")), 4);
    await backend.close();
  });
}
