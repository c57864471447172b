import type { Clock } from "../../util/clock.ts";
import type { Encodable } from "../../util/grpc/wire.ts";
import type { Logger } from "../../util/logger.ts";
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
} from "../backend.ts";
import { OutcomeUnknownError, StoreClosedError, StoreFullError } from "../errors.ts";
import { Compactor } from "./compactor.ts";
import { type EtcdAccess, EtcdConnection } from "./connection.ts";
import { compactedRevision, EtcdWatch } from "./etcdWatch.ts";
import { Freshness } from "./freshness.ts";
import { Keys, type Renamed } from "./keys.ts";
import { COMPACT, type KeyValue, RANGE, TXN, type TxnRequest, type TxnResponse } from "./messages.ts";
import { isCompacted, isFuture, outcomeOf, readError, writeError } from "./outcome.ts";
import { OwnWrites } from "./ownWrites.ts";
import { rangeOf } from "./range.ts";
import { Trouble } from "./trouble.ts";

export interface EtcdOptions extends EtcdAccess {
  readonly clock: Clock;
  readonly logger: Logger;
  /** ms between compactions; 0: never by itself */
  readonly compactEvery?: number;
  /** for an etcd that is not ours alone; keys that begin otherwise cannot be used then */
  readonly renamed?: Renamed;
}

/** How many entries a list takes at once, and how long that may take. */
const PAGE = 2_000;
const LIST_WITHIN = 30_000;
const COMPACT_EVERY = 300_000;

type Request = Encodable<typeof TxnRequest extends { valueType?: infer T } ? T : never>;

/** The store in an etcd that other processes use, too. */
class EtcdBackend implements Backend {
  readonly shared = true;
  readonly compactsItself = true;
  readonly #connection: EtcdConnection;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #freshness: Freshness;
  readonly #compactor: Compactor;
  readonly #trouble: Trouble;
  readonly #own = new OwnWrites();
  readonly #keys: Keys;
  readonly #end = new AbortController();
  #seen = 1;

  constructor(options: EtcdOptions) {
    this.#keys = new Keys(options.renamed);
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#connection = new EtcdConnection(options);
    this.#freshness = new Freshness(this.#connection);
    this.#trouble = new Trouble(this.#connection, options);
    const { compactEvery = COMPACT_EVERY } = options;
    this.#compactor = new Compactor({ ...options, connection: this.#connection, every: compactEvery });
  }
  /** Fails when no member answers. */
  async open(): Promise<void> {
    await this.latest();
    this.#compactor.start();
    this.#trouble.start();
  }

  revision(): number {
    return this.#seen;
  }
  async latest(): Promise<number> {
    const revision = await this.#reading(() => this.#freshness.ask());
    this.#see(revision);
    return revision;
  }
  trouble(): string | undefined {
    return this.#trouble.words;
  }

  async get(key: string, options: { revision?: number } = {}): Promise<Entry | undefined> {
    const { kvs, header } = await this.#range({ key: this.#keys.out(key), revision: options.revision ?? 0 });
    this.#see(header?.revision);
    return kvs[0] && this.#entryOf(kvs[0]);
  }

  async list(prefix: string, options: { revision?: number; limit?: number; after?: string } = {}): Promise<Page> {
    const { limit = 0 } = options;
    const entries: Entry[] = [];
    let { revision = 0, after } = options;
    for (;;) {
      const most = limit > 0 ? Math.min(PAGE, limit - entries.length) : PAGE;
      const range = rangeOf(this.#keys.out(prefix), after === undefined ? undefined : this.#keys.out(after));
      const page = await this.#range({ ...range, revision, limit: most });
      this.#see(page.header?.revision);
      revision ||= page.header!.revision;
      for (const kv of page.kvs) entries.push(this.#entryOf(kv));
      const remaining = page.count - page.kvs.length;
      if (remaining <= 0 || (limit > 0 && entries.length >= limit)) return { revision, entries, remaining };
      after = entries.at(-1)!.key;
    }
  }

  async create(key: string, value: Uint8Array, guard?: Guard): Promise<number> {
    const answer = await this.#write({ key, value, expected: 0, guard });
    if (answer.revision !== undefined) return answer.revision;
    throw answer.current ? new KeyExistsError(answer.current) : new RevisionMismatchError(key, undefined);
  }
  async update(key: string, value: Uint8Array, expected: number, guard?: Guard): Promise<number> {
    const { revision, current } = await this.#write({ key, value, expected, guard });
    if (revision === undefined) throw new RevisionMismatchError(key, current);
    return revision;
  }
  async delete(key: string, expected: number, guard?: Guard): Promise<number> {
    if (expected === 0) throw new RevisionMismatchError(key, await this.get(key));
    const { revision, current } = await this.#write({ key, value: undefined, expected, guard });
    if (revision === undefined) throw new RevisionMismatchError(key, current);
    return revision;
  }

  async *watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncGenerator<readonly Change[]> {
    if (this.#closed) throw this.#closed;
    if (fromRevision > this.#seen && fromRevision > (await this.latest())) {
      throw new FutureRevisionError(fromRevision, this.#seen);
    }
    const ends = AbortSignal.any([signal, this.#end.signal]);
    const reached = (revision: number) => this.#see(revision);
    const { connection, clock, logger } = { connection: this.#connection, clock: this.#clock, logger: this.#logger };
    const followed = { prefix: this.#keys.out(prefix), from: fromRevision };
    const watch = new EtcdWatch({ connection, clock, logger, ...followed, signal: ends, reached });
    this.#own.watchers++;
    try {
      for await (const changes of watch.changes()) {
        yield this.#own.recognize(this.#keys.changes(changes));
        if (ends.aborted) break;
      }
    } finally {
      this.#own.watchers--;
    }
    if (this.#closed && !signal.aborted) throw this.#closed;
  }

  async compact(revision: number): Promise<void> {
    try {
      await this.#reading(() => this.#connection.read(COMPACT, { revision }));
    } catch (error) {
      if (isFuture(error)) throw new FutureRevisionError(revision, await this.latest());
      if (!isCompacted(error)) throw error; // else it is forgotten already, as asked
    }
  }

  async close(): Promise<void> {
    this.#end.abort(new StoreClosedError("it was told to"));
    this.#compactor.stop();
    this.#trouble.stop();
    this.#connection.close();
  }

  get #closed(): Error | undefined {
    return this.#end.signal.aborted ? this.#end.signal.reason : undefined;
  }
  #see(revision = 0): void {
    if (revision > this.#seen) this.#seen = revision;
  }
  async #reading<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#closed) throw this.#closed;
    try {
      return await ask();
    } catch (error) {
      throw this.#closed ?? readError(error);
    }
  }

  async #range(request: { key: string; rangeEnd?: string; revision: number; limit?: number }) {
    try {
      return await this.#reading(() =>
        this.#connection.read(RANGE, request, request.rangeEnd ? LIST_WITHIN : undefined),
      );
    } catch (error) {
      if (isCompacted(error)) throw new CompactedError(await compactedRevision(this.#connection));
      if (isFuture(error)) throw new FutureRevisionError(request.revision, await this.latest());
      throw error;
    }
  }

  /** Answers the new revision, or what stood in the way. */
  async #write(write: Write): Promise<{ revision?: number; current?: Entry | undefined }> {
    if (this.#closed) throw this.#closed;
    const { key, value, guard } = write;
    if (value) this.#own.begin(key, value);
    const before = this.#seen;
    let answer: TxnResponse;
    try {
      answer = await this.#connection.write(TXN, this.#transaction(write));
    } catch (error) {
      this.#own.forget(key, value);
      this.#trouble.hear(error);
      if (outcomeOf(error) === "full") return this.#whenFull(write, before, error as Error);
      throw writeError(error);
    }
    const revision = answer.header!.revision;
    this.#see(revision);
    if (answer.succeeded) return { revision };
    this.#own.forget(key, value);
    const [current, guarded] = answer.responses.map((response) => response.range?.kvs[0]);
    if ((current?.modRevision ?? 0) !== write.expected) return { current: current && this.#entryOf(current) };
    if (guard && guarded?.modRevision !== guard.revision) throw new GuardError(guard);
    throw new Error(`etcd refused a write of ${key} whose conditions held`);
  }

  #transaction({ key, value, expected, guard }: Write): Request {
    const at = this.#keys.out(key);
    const conditions = [{ key: at, revision: expected }];
    if (guard) conditions.push({ key: this.#keys.out(guard.key), revision: guard.revision });
    const bytes = value && Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return {
      compare: conditions.map((one) => ({ target: "MOD", result: "EQUAL", key: one.key, modRevision: one.revision })),
      success: [bytes ? { put: { key: at, value: bytes } } : { deleteRange: { key: at } }],
      failure: conditions.map((one) => ({ range: { key: one.key } })),
    };
  }
  #entryOf({ key, value, modRevision }: KeyValue): Entry {
    return { key: this.#keys.in(key), value, revision: modRevision };
  }

  /** Looks whether the write was done that etcd answered with "full"; `before`: a revision older than the write. */
  async #whenFull(write: Write, before: number, why: Error): Promise<{ current?: Entry | undefined }> {
    const unknown = () => new OutcomeUnknownError(why.message, why);
    const current = await this.get(write.key).catch((error: Error) => {
      this.#logger.warn("nobody could look whether a write was done", { key: write.key, error: error.message });
      throw unknown();
    });
    if ((current?.revision ?? 0) === write.expected) throw new StoreFullError(why.message);
    if (current && current.revision <= before) return { current };
    throw unknown();
  }
}

interface Write {
  readonly key: string;
  /** undefined: delete */
  readonly value: Uint8Array | undefined;
  readonly expected: number;
  readonly guard: Guard | undefined;
}

/** Connects to etcd; throws StoreUnavailableError when no member answers. */
export async function openEtcdBackend(options: EtcdOptions): Promise<Backend> {
  const backend = new EtcdBackend(options);
  try {
    await backend.open();
  } catch (error) {
    await backend.close();
    throw error;
  }
  return backend;
}
