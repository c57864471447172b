import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { isGone } from "../apimachinery/status.ts";
import { Backoff } from "../util/backoff.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";
import type { Client, ObjectKey, WatchEvent } from "./client.ts";
import { IndexedStore } from "./indexedStore.ts";
import type { Informer, InformerHandler, InformerScope, Informers } from "./informer.ts";
import { keyOf, keyText } from "./path.ts";

export interface InformersOptions {
  clock: Clock;
  logger: Logger;
  random: Random;
}

/** After a failure, list or watch again so soon at first, and at most so late (ms). */
const FIRST_RETRY = 100;
const LAST_RETRY = 10_000;

class ListWatchInformer<T extends KubernetesObject> implements Informer<T> {
  readonly kind: Kind<T>;
  readonly #scope: InformerScope;
  readonly #client: Client;
  readonly #options: InformersOptions;
  readonly #store = new IndexedStore<T>();
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #progress = new Set<() => void>();
  #synced = Promise.withResolvers<void>();
  #isSynced = false;
  /** where the next watch goes on; undefined: list first */
  #version: string | undefined;
  #revision = 0;

  constructor(kind: Kind<T>, scope: InformerScope, client: Client, options: InformersOptions) {
    this.kind = kind;
    this.#scope = scope;
    this.#client = client;
    this.#options = options;
  }

  get synced(): boolean {
    return this.#isSynced;
  }
  get revision(): number {
    return this.#revision;
  }
  get(key: ObjectKey): T | undefined {
    return this.#store.get(keyText(key));
  }
  list(namespace?: string): readonly T[] {
    return namespace === undefined ? this.#store.all() : this.#store.inNamespace(namespace);
  }
  byIndex(index: string, value: string): readonly T[] {
    return this.#store.byIndex(index, value);
  }
  addIndex(index: string, values: (object: T) => readonly string[]): void {
    this.#store.addIndex(index, values);
  }
  subscribe(handler: InformerHandler<T>): () => void {
    this.#handlers.add(handler);
    for (const object of this.#store.all()) this.#tell(handler, "added", object);
    return () => void this.#handlers.delete(handler);
  }
  onProgress(seen: () => void): () => void {
    this.#progress.add(seen);
    return () => void this.#progress.delete(seen);
  }
  whenSynced(signal: AbortSignal): Promise<void> {
    if (this.#isSynced) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      void this.#synced.promise.then(() => {
        signal.removeEventListener("abort", abort);
        resolve();
      });
    });
  }

  /** Lists and watches until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, logger } = this.#options;
    const backoff = new Backoff({ clock, initial: FIRST_RETRY, max: LAST_RETRY });
    while (!signal.aborted) {
      const before = this.#revision;
      try {
        if (this.#version === undefined) await this.#list();
        if (!signal.aborted) await this.#watch(signal);
        if (this.#revision !== before) continue;
      } catch (error) {
        if (signal.aborted) return;
        if (isGone(error)) {
          this.#version = undefined;
          if (this.#revision !== before) continue;
        } else {
          logger.debug("list and watch failed", { resource: this.kind.resource, error: (error as Error).message });
        }
      }
      const wait = backoff.next("") * (0.5 + random.next());
      await clock.pause(wait, signal);
    }
  }

  async #list(): Promise<void> {
    const list = await this.#client.list(this.kind, this.#scope);
    const gone = new Set(this.#store.keys());
    for (const object of list.items) {
      const key = keyOf(object);
      gone.delete(key);
      this.#replace(key, object);
    }
    for (const key of gone) this.#remove(key);
    this.#advance(list.metadata.resourceVersion);
    this.#isSynced = true;
    this.#synced.resolve();
    this.#report();
  }

  /** What was deleted and made anew between two lists is told as both. */
  #replace(key: string, object: T): void {
    const old = this.#store.get(key);
    if (old && old.metadata.uid !== object.metadata.uid) this.#remove(key);
    else if (old && old.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#put(object);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const options = { ...this.#scope, resourceVersion: this.#version, allowWatchBookmarks: true };
    for await (const event of this.#client.watch(this.kind, options, signal)) {
      if (signal.aborted) return;
      this.#take(event);
      this.#report();
    }
  }

  #take({ type, object }: WatchEvent<T>): void {
    if (type === "DELETED") this.#remove(keyOf(object), object);
    else if (type !== "BOOKMARK") this.#put(object);
    this.#advance(object.metadata.resourceVersion);
  }

  #put(object: T): void {
    const old = this.#store.set(object);
    const what = old ? "updated" : "added";
    for (const handler of this.#handlers) this.#tell(handler, what, object, old);
  }

  #remove(key: string, last?: T): void {
    const old = this.#store.remove(key);
    if (!old) return;
    for (const handler of this.#handlers) this.#tell(handler, "deleted", last ?? old);
  }

  #advance(version: string | undefined): void {
    if (!version) return;
    this.#version = version;
    this.#revision = Number(version);
  }

  #report(): void {
    for (const seen of this.#progress) seen();
  }

  /** One handler's failure is its own: the others are told all the same. */
  #tell(handler: InformerHandler<T>, what: keyof InformerHandler<T>, object: T, old?: T): void {
    try {
      handler[what]?.(object, old!);
    } catch (error) {
      this.#options.logger.error("informer handler failed", { resource: this.kind.resource, error });
    }
  }
}

interface Runnable {
  run(signal: AbortSignal): Promise<void>;
}

const EVERYTHING: InformerScope = {};

class SharedInformers implements Informers {
  readonly #client: Client;
  readonly #options: InformersOptions;
  readonly #informers = new Map<string, Runnable>();
  /** those without a scope */
  readonly #whole = new Map<Kind, Runnable>();
  #start: ((informer: Runnable) => void) | undefined;

  constructor(client: Client, options: InformersOptions) {
    this.#client = client;
    this.#options = options;
  }

  informer<T extends KubernetesObject>(kind: Kind<T>, scope: InformerScope = EVERYTHING): Informer<T> {
    // asked for with every look into a view: nothing is put together for it
    const whole = scope === EVERYTHING ? this.#whole.get(kind as unknown as Kind) : undefined;
    if (whole) return whole as ListWatchInformer<T>;
    const id = [kind.apiVersion, kind.kind, scope.namespace, scope.labelSelector, scope.fieldSelector].join("|");
    const known = this.#informers.get(id);
    if (known) return known as ListWatchInformer<T>;
    const informer = new ListWatchInformer(kind, scope, this.#client, this.#options);
    this.#informers.set(id, informer);
    if (scope === EVERYTHING) this.#whole.set(kind as unknown as Kind, informer);
    this.#start?.(informer);
    return informer;
  }

  async run(signal: AbortSignal): Promise<void> {
    const running = new Set<Promise<void>>();
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    this.#start = (informer) => void running.add(informer.run(signal));
    for (const informer of this.#informers.values()) this.#start(informer);
    await stopped;
    this.#start = undefined;
    await Promise.all(running);
  }
}

/** The informers of one process: list and watch, resumed where they stopped, listed anew when that is too long ago. */
export function createInformers(client: Client, options: InformersOptions): Informers {
  return new SharedInformers(client, options);
}
