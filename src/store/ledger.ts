import {
  type Backend,
  type Change,
  CompactedError,
  type Entry,
  FutureRevisionError,
  type Guard,
  GuardError,
  KeyExistsError,
  type Page,
  RevisionMismatchError,
} from "./backend.ts";
import { StoreClosedError } from "./errors.ts";
import { History } from "./history.ts";
import { KeyIndex } from "./keyIndex.ts";
import { FIRST_REVISION, type Kept, type LogRecord, type RevisionLog } from "./revisionLog.ts";
import { LiveWatcher } from "./watchers.ts";

/** How much history is kept for watches and for lists at a revision; beyond either bound the oldest goes first. */
export interface HistoryLimits {
  changes: number;
  bytes: number;
}

/** A write that waits for its turn. */
interface Write {
  readonly key: string;
  /** undefined: delete */
  readonly value: Uint8Array | undefined;
  /** the revision the key must have; 0: it must not exist */
  readonly expected: number;
  readonly guard: Guard | undefined;
  resolve(revision: number): void;
  reject(error: unknown): void;
}

/** Bounds the work of one batch, so that a flood of writes does not make the first of them wait for the last. */
const MAX_BATCH = 512;
const MAX_BATCH_BYTES = 8 << 20;
/** How many changes a watcher that reads the log gets at once. */
const CATCH_UP = 256;
const NOTHING: ReadonlyMap<string, number> = new Map();

/**
 * The store above its log: which key is at which revision, what may be written, who is told. Keys and revisions are in
 * memory, values only in the log. One batch is written at a time; writes that come meanwhile make up the next one, so
 * that any number of writers share one fsync. Nothing is seen, by reads or watches, before its batch is durable.
 */
export class Ledger implements Backend {
  readonly #log: RevisionLog;
  readonly #limits: HistoryLimits;
  readonly #index = new KeyIndex();
  readonly #history: History;
  readonly #watchers = new Set<LiveWatcher>();
  #queue: Write[] = [];
  #forget: number[] = [];
  #writing: Promise<void> | undefined;
  #closed: StoreClosedError | undefined;

  constructor(log: RevisionLog, kept: Kept, limits: HistoryLimits) {
    this.#log = log;
    this.#limits = limits;
    this.#history = new History(kept.compacted);
    for (const { key, revision, deleted, size } of kept.records) {
      const previous = this.#index.revisionOf(key);
      if (revision > kept.compacted) this.#history.push(key, previous, deleted, size);
      if (deleted) this.#index.remove(key);
      else this.#index.set(key, revision);
    }
  }

  revision(): number {
    return this.#history.newest;
  }

  latest(): number {
    return this.revision();
  }

  async get(key: string, options: { revision?: number } = {}): Promise<Entry | undefined> {
    this.#check(options.revision);
    const then = options.revision === undefined ? undefined : this.#overlay(options.revision, key).get(key);
    return this.#entry(key, then ?? this.#index.revisionOf(key));
  }

  async list(prefix: string, options: { revision?: number; limit?: number; after?: string } = {}): Promise<Page> {
    const revision = options.revision ?? this.revision();
    this.#check(revision);
    const limit = options.limit === undefined || options.limit <= 0 ? Number.POSITIVE_INFINITY : options.limit;
    const { rows, remaining } = this.#index.page(prefix, options.after, limit, this.#overlay(revision, prefix));
    const values = rows.length === 0 ? [] : await this.#log.read(rows.map((row) => row.revision));
    return {
      revision,
      entries: rows.map((row, i) => ({ key: row.key, value: values[i]!, revision: row.revision })),
      remaining,
    };
  }

  create(key: string, value: Uint8Array, guard?: Guard): Promise<number> {
    return this.#write({ key, value, expected: 0, guard });
  }
  update(key: string, value: Uint8Array, expected: number, guard?: Guard): Promise<number> {
    return this.#write({ key, value, expected, guard });
  }
  delete(key: string, expected: number, guard?: Guard): Promise<number> {
    return this.#write({ key, value: undefined, expected, guard });
  }

  async *watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncGenerator<readonly Change[]> {
    if (fromRevision > this.revision()) throw new FutureRevisionError(fromRevision, this.revision());
    let seen = fromRevision;
    while (!signal.aborted && !this.#closed) {
      if (seen < this.revision()) {
        const to = Math.min(this.revision(), seen + CATCH_UP);
        const changes = await this.#past(prefix, seen, to);
        seen = to;
        if (changes.length > 0 && !signal.aborted) yield changes;
      } else {
        seen = yield* this.#live(prefix, seen, signal);
      }
    }
    if (this.#closed && !signal.aborted) throw this.#closed;
  }

  async compact(revision: number): Promise<void> {
    if (revision > this.revision()) throw new FutureRevisionError(revision, this.revision());
    if (revision <= this.#history.compacted) return;
    if (this.#closed) throw this.#closed;
    this.#forget.push(...this.#history.dropThrough(revision));
    while (this.#writing) await this.#writing;
    await this.#append([], []);
  }

  async close(): Promise<void> {
    this.#closed ??= new StoreClosedError("it was told to");
    while (this.#writing) await this.#writing;
    for (const watcher of this.#watchers) watcher.wake();
    await this.#log.close();
  }

  /** Called by an engine whose log has failed for good. */
  fail(cause: Error): void {
    this.#closed ??= new StoreClosedError(cause.message, cause);
    for (const write of this.#queue.splice(0)) write.reject(this.#closed);
    for (const watcher of this.#watchers) watcher.wake();
  }

  /** Hands on changes as they are published; answers the revision up to which all were. */
  async *#live(prefix: string, from: number, signal: AbortSignal): AsyncGenerator<readonly Change[], number> {
    const watcher = new LiveWatcher(prefix);
    const wake = () => watcher.wake();
    this.#watchers.add(watcher);
    signal.addEventListener("abort", wake, { once: true });
    let seen = from;
    try {
      while (!signal.aborted && !this.#closed) {
        const changes = await watcher.take();
        if (watcher.behind) break;
        seen = changes.at(-1)?.revision ?? seen;
        if (changes.length > 0 && !signal.aborted) yield changes;
      }
    } finally {
      signal.removeEventListener("abort", wake);
      this.#watchers.delete(watcher);
    }
    return seen;
  }

  /** The changes under `prefix` of the revisions after `from` up to `to`, with values from the log. */
  async #past(prefix: string, from: number, to: number): Promise<Change[]> {
    if (from < this.#history.compacted) throw new CompactedError(this.#history.compacted);
    const past = [];
    for (let revision = from + 1; revision <= to; revision++) {
      if (this.#history.keyAt(revision).startsWith(prefix)) past.push(this.#history.at(revision));
    }
    if (past.length === 0) return [];
    const values = await this.#log.read(past.map((change) => (change.deleted ? change.previous : change.revision)));
    return past.map(({ key, revision, deleted, previous }, i) =>
      deleted
        ? { type: "delete", key, revision, previous: values[i]! }
        : { type: "put", key, revision, value: values[i]!, created: previous === 0 },
    );
  }

  #check(revision: number | undefined): void {
    if (this.#closed) throw this.#closed;
    if (revision === undefined) return;
    if (revision > this.revision()) throw new FutureRevisionError(revision, this.revision());
    if (revision < this.#history.compacted) throw new CompactedError(this.#history.compacted);
  }
  #overlay(revision: number, prefix: string): ReadonlyMap<string, number> {
    return revision === this.revision() ? NOTHING : this.#history.before(revision, prefix);
  }
  async #entry(key: string, revision: number): Promise<Entry | undefined> {
    if (revision === 0) return undefined;
    const [value] = await this.#log.read([revision]);
    return { key, value: value!, revision };
  }

  #write(write: Omit<Write, "resolve" | "reject">): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed);
      this.#queue.push({ ...write, resolve, reject });
      // A microtask later, so that writes made in one go share a batch.
      this.#writing ??= Promise.resolve().then(() => this.#drain());
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#nextBatch();
      if (batch.length > 0) await this.#commit(batch);
    }
    this.#writing = undefined;
  }

  /** Takes from the queue what may be written now; refuses what may not; leaves second writes of one key for later. */
  #nextBatch(): Write[] {
    const batch: Write[] = [];
    const later: Write[] = [];
    const keys = new Set<string>();
    let bytes = 0;
    let taken = 0;
    for (const write of this.#queue) {
      if (batch.length >= MAX_BATCH || bytes >= MAX_BATCH_BYTES) break;
      taken++;
      if (keys.has(write.key) || (write.guard && keys.has(write.guard.key))) {
        later.push(write);
      } else if (write.guard && this.#index.revisionOf(write.guard.key) !== write.guard.revision) {
        write.reject(new GuardError(write.guard));
      } else if (this.#index.revisionOf(write.key) !== write.expected || (!write.value && write.expected === 0)) {
        void this.#refuse(write);
      } else {
        keys.add(write.key);
        batch.push(write);
        bytes += write.value?.length ?? 0;
      }
    }
    this.#queue = later.length > 0 ? [...later, ...this.#queue.slice(taken)] : this.#queue.slice(taken);
    return batch;
  }

  async #refuse({ key, value, expected, reject }: Write): Promise<void> {
    try {
      const current = await this.#entry(key, this.#index.revisionOf(key));
      reject(
        value && expected === 0 && current ? new KeyExistsError(current) : new RevisionMismatchError(key, current),
      );
    } catch (error) {
      reject(error);
    }
  }

  async #commit(batch: Write[]): Promise<void> {
    const first = this.revision() + 1;
    const records = batch.map(({ key, value }, i) => ({ revision: first + i, key, value }));
    const deleted = batch.filter((write) => !write.value);
    this.#trim(batch.length);
    let previous: readonly Uint8Array[];
    try {
      previous = await this.#append(
        records,
        deleted.map((write) => write.expected),
      );
    } catch (error) {
      for (const write of batch) write.reject(error);
      return;
    }
    this.#publish(batch, records, previous);
  }

  /** Compacts a little with each batch rather than much at once. */
  #trim(writes: number): void {
    const { length, bytes, newest, compacted } = this.#history;
    const excess = bytes > this.#limits.bytes ? Math.ceil(length / 8) : length - this.#limits.changes;
    if (excess <= 0) return;
    const revision = Math.min(newest, compacted + Math.min(excess, writes * 4 + 16));
    this.#forget.push(...this.#history.dropThrough(revision));
  }

  async #append(records: readonly LogRecord[], fetch: readonly number[]): Promise<readonly Uint8Array[]> {
    const forget = this.#forget;
    this.#forget = [];
    try {
      return await this.#log.append({ records, forget, compacted: this.#history.compacted, fetch });
    } catch (error) {
      this.#forget.push(...forget);
      throw error;
    }
  }

  /** The batch is durable: shows it to reads, then to watchers, then to those who wrote. */
  #publish(batch: readonly Write[], records: readonly LogRecord[], previousValues: readonly Uint8Array[]): void {
    const changes: Change[] = [];
    let deletions = 0;
    for (const [i, { key, value, expected }] of batch.entries()) {
      const revision = records[i]!.revision;
      this.#history.push(key, expected, !value, value?.length ?? 0);
      if (value) {
        this.#index.set(key, revision);
        changes.push({ type: "put", key, revision, value, created: expected === 0 });
      } else {
        this.#index.remove(key);
        changes.push({ type: "delete", key, revision, previous: previousValues[deletions++]! });
      }
    }
    for (const watcher of this.#watchers) watcher.offer(changes);
    for (const [i, write] of batch.entries()) write.resolve(records[i]!.revision);
  }
}

export const EMPTY: Kept = { records: [], compacted: FIRST_REVISION };
