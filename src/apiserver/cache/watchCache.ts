import { deepFreeze } from "../../apimachinery/freeze.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { type Backend, type Change, CompactedError, type Page } from "../../store/backend.ts";
import { StoreUnavailableError } from "../../store/errors.ts";
import type { Clock, Timer } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import { decodeStored, Entry } from "./entry.ts";
import { ResourceCache } from "./resourceCache.ts";

export const ROOT = "/registry/";
/** A paged list can be continued for this long at least, and twice this at most: clients rely on both. */
const COMPACT_EVERY = 240_000;

/** How many changes before its start a server takes in. */
const CATCH_UP = 5_000;
/** How long a read waits for the watch of a shared store to catch up. */
const PATIENCE = 10_000;

interface Waiter {
  readonly revision: number;
  resolve(): void;
}

/** Where objects of a kind stand in the store: "/registry/pods/" or "/registry/deployments.apps/". */
export function prefixOf(kind: Kind): string {
  return `${ROOT}${kind.resource}/`;
}

/** "/registry/pods/default/web" → "pods" */
const resourceOf = (key: string): string => key.slice(ROOT.length, key.indexOf("/", ROOT.length));

/**
 * Everything the store holds, in memory, always current: one watch of the whole store feeds one cache per kind, in the
 * order of revisions. Reads that must be consistent wait until the cache has caught up with the store.
 */
export class WatchCache {
  readonly backend: Backend;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #caches = new Map<string, ResourceCache>();
  /** changes of kinds that are just being added, since their reading began */
  #joining = new Map<string, Change[]>();
  #reloads = 0;
  #revision = 0;
  #compacted = 0;
  /** objects that this process has just written, by the very bytes it wrote: no need to parse them again */
  #parsed = new WeakMap<Uint8Array, KubernetesObject>();
  #waiters: Waiter[] = [];
  #stop = new AbortController();
  #pump: Promise<void> = Promise.resolve();
  #compaction: Timer | undefined;
  #failure: string | undefined;

  constructor(options: { backend: Backend; kinds: readonly Kind[]; clock: Clock; logger: Logger }) {
    this.backend = options.backend;
    this.#clock = options.clock;
    this.#logger = options.logger;
    for (const kind of options.kinds) {
      if (kind.storedAs || kind.computed || !kind.verbs.includes("get")) continue;
      this.#caches.set(kind.resource, new ResourceCache(kind, options.clock, options.backend.revision()));
    }
  }
  /** The newest revision taken in. */
  get revision(): number {
    return this.#revision;
  }
  /** Lists of moments before this revision are over, even where the objects have not changed since. */
  get compacted(): number {
    return this.#compacted;
  }
  of(kind: Kind): ResourceCache {
    const cache = this.#caches.get((kind.storedAs?.kind ?? kind).resource);
    if (!cache) throw new Error(`${kind.resource} is not stored`);
    return cache;
  }
  all(): Iterable<ResourceCache> {
    return this.#caches.values();
  }
  /** Follows one more kind, of which the store may hold objects already. Resolves once they are known. */
  async add(kind: Kind): Promise<void> {
    const known = this.#caches.get(kind.resource);
    if (known) throw new Error(`${kind.resource} is followed already`);
    const since: Change[] = [];
    this.#joining.set(kind.resource, since);
    try {
      for (let reloads = -1; reloads !== this.#reloads; ) {
        reloads = this.#reloads;
        const read = await this.backend.list(prefixOf(kind));
        await this.reached(read.revision);
        // what was missed meanwhile and read anew may be missing here
        if (reloads === this.#reloads) this.#caches.set(kind.resource, this.#filled(kind, read, since));
      }
    } finally {
      this.#joining.delete(kind.resource);
    }
  }
  #filled(kind: Kind, { revision, entries }: Page, since: readonly Change[]): ResourceCache {
    const cache = new ResourceCache(kind, this.#clock, revision);
    const prefix = prefixOf(kind);
    for (const { key, revision: at, value } of entries) {
      cache.load(this.#entry(cache, key.slice(prefix.length), at, value));
    }
    cache.began(revision);
    for (const change of since)
      if (change.revision > revision) this.#pass(cache, change.key.slice(prefix.length), change);
    return cache;
  }
  /** Follows a kind no longer; its watches end. What the store holds of it stays there. */
  drop(kind: Kind): void {
    const cache = this.#caches.get(kind.resource);
    this.#caches.delete(kind.resource);
    for (const watcher of [...(cache?.watchers ?? [])]) watcher.close();
  }
  /** Reads the whole store, then follows it. */
  async start(): Promise<void> {
    const newest = await this.backend.latest();
    const { revision, entries } = await this.#past(newest);
    for (const entry of entries) {
      const at = this.#locate(entry.key);
      if (at) at.cache.load(this.#entry(at.cache, at.key, entry.revision, entry.value));
    }
    for (const cache of this.#caches.values()) cache.began(revision);
    this.#revision = revision;
    this.#pump = this.#follow();
    await this.reached(newest);
    this.#planCompaction();
  }
  /**
   * The store as it was a while ago, where others share it: what has happened since is then history of this server, too,
   * and watches that another server began can go on here.
   */
  async #past(newest: number): Promise<Page> {
    if (!this.backend.shared) return this.backend.list(ROOT);
    try {
      return await this.backend.list(ROOT, { revision: Math.max(1, newest - CATCH_UP) });
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      return this.backend.list(ROOT, { revision: error.compacted });
    }
  }
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#compaction?.cancel();
    this.endWatches();
    await this.#pump;
  }
  /** Why the store can no longer be followed; undefined while it can. */
  get failure(): string | undefined {
    return this.#failure;
  }
  endWatches(): void {
    for (const cache of this.#caches.values()) for (const watcher of [...cache.watchers]) watcher.close();
  }
  /** Leaves the parsed form of bytes that are about to be written. */
  expect(bytes: Uint8Array, object: KubernetesObject): void {
    this.#parsed.set(bytes, object);
  }
  /** Resolves once everything up to `revision` has been taken in, or it is clear that this takes too long. */
  reached(revision: number): Promise<void> | undefined {
    if (this.#revision >= revision || this.#stop.signal.aborted) return undefined;
    return new Promise((done) => {
      // A store of our own tells at once what was written; a shared one is as far away as the network.
      const timer = this.backend.shared ? this.#clock.setTimer(PATIENCE, () => this.#giveUp(waiter)) : undefined;
      const resolve = () => {
        timer?.cancel();
        done();
      };
      const waiter = { revision, resolve };
      this.#waiters.push(waiter);
    });
  }
  /** Resolves once reads see everything that was acknowledged before the call. Throws StoreUnavailableError. */
  consistent(): Promise<void> | undefined {
    const latest = this.backend.latest();
    return typeof latest === "number" ? this.reached(latest) : this.#caughtUp(latest);
  }
  async #caughtUp(latest: Promise<number>): Promise<void> {
    const revision = await latest;
    await this.reached(revision);
    if (this.#revision < revision && !this.#stop.signal.aborted) {
      throw new StoreUnavailableError(`the watch of the store is behind: at ${this.#revision} of ${revision}`);
    }
  }
  #giveUp(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((one) => one !== waiter);
    waiter.resolve();
  }
  async #follow(): Promise<void> {
    while (!this.#stop.signal.aborted && this.#failure === undefined) {
      try {
        // Everything, not only what is under ROOT: then every revision is seen to have been reached.
        for await (const changes of this.backend.watch("", this.#revision, this.#stop.signal)) this.#take(changes);
      } catch (error) {
        if (!this.#stop.signal.aborted) await this.#recover(error);
      }
    }
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }
  /** History that we would have to catch up with is gone: the store is read anew. */
  async #recover(error: unknown): Promise<void> {
    if (error instanceof CompactedError) {
      try {
        await this.#reload();
        return;
      } catch (failed) {
        error = failed;
        if (failed instanceof StoreUnavailableError) return;
      }
    }
    this.#failure = `watch of the store ended: ${(error as Error).message}`;
    this.#logger.error("watch of the store ended", { error });
  }
  async #reload(): Promise<void> {
    this.#logger.warn("changes were missed; the store is read anew", { revision: this.#revision });
    this.#reloads++;
    const { revision, entries } = await this.backend.list(ROOT);
    const byCache = new Map<ResourceCache, Entry[]>();
    for (const entry of entries) {
      const at = this.#locate(entry.key);
      if (!at) continue;
      const known = byCache.get(at.cache) ?? [];
      byCache.set(at.cache, known);
      known.push(this.#entry(at.cache, at.key, entry.revision, entry.value));
    }
    for (const cache of this.#caches.values()) cache.reload(byCache.get(cache) ?? [], revision);
    this.#revision = revision;
    this.#wake();
  }
  #take(changes: readonly Change[]): void {
    for (const change of changes) {
      const at = this.#locate(change.key);
      if (at) this.#pass(at.cache, at.key, change);
      else if (this.#joining.size > 0) this.#joining.get(resourceOf(change.key))?.push(change);
    }
    const last = changes.at(-1);
    if (last) this.#revision = last.revision;
    this.#wake();
  }
  #pass(cache: ResourceCache, key: string, change: Change): void {
    if (change.type === "delete") cache.remove(key, change.revision);
    else cache.put(this.#entry(cache, key, change.revision, change.value));
  }
  #wake(): void {
    if (this.#waiters.length === 0) return;
    const due = this.#waiters.filter((w) => w.revision <= this.#revision);
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter((w) => w.revision > this.#revision);
    for (const waiter of due) waiter.resolve();
  }
  #locate(key: string): { cache: ResourceCache; key: string } | undefined {
    const resource = resourceOf(key);
    const cache = this.#caches.get(resource);
    return cache && { cache, key: key.slice(ROOT.length + resource.length + 1) };
  }
  #entry(cache: ResourceCache, key: string, revision: number, stored: Uint8Array): Entry {
    let object = this.#parsed.get(stored);
    this.#parsed.delete(stored); // from now on it is frozen
    if (object) object.metadata.resourceVersion = String(revision);
    else object = decodeStored(cache.kind, stored, revision);
    return new Entry({ kind: cache.kind, key, revision, object: deepFreeze(object) as KubernetesObject, stored });
  }
  /** History in the store is of no use once no continued list can ask for it. */
  #planCompaction(): void {
    const upTo = this.#revision;
    this.#compaction = this.#clock.setTimer(COMPACT_EVERY, () => {
      this.#compacted = upTo;
      if (!this.backend.compactsItself) {
        this.backend.compact(upTo).catch((error: unknown) => this.#logger.warn("compaction failed", { error }));
      }
      this.#planCompaction();
    });
  }
}
