import type { Kind } from "../../apimachinery/kind.ts";
import type { Entry } from "./entry.ts";
import type { CacheEvent } from "./resourceCache.ts";
import type { Watcher } from "./watcher.ts";

type Bucket = Set<Watcher>;

/** Finds the watchers that may care about a change without asking each: every watcher stands in exactly one bucket. */
export class WatcherIndex {
  #kind: Kind;
  #all: Bucket = new Set();
  #byNamespace = new Map<string, Bucket>();
  /** by key: "namespace/name" or "name" */
  #byName = new Map<string, Bucket>();
  #byField = new Map<string, Map<string, Bucket>>();

  constructor(kind: Kind) {
    this.#kind = kind;
  }
  *[Symbol.iterator](): Iterator<Watcher> {
    yield* this.#all;
    for (const bucket of this.#byNamespace.values()) yield* bucket;
    for (const bucket of this.#byName.values()) yield* bucket;
    for (const values of this.#byField.values()) for (const bucket of values.values()) yield* bucket;
  }
  get size(): number {
    let n = 0;
    for (const _ of this) n++;
    return n;
  }
  add(watcher: Watcher): void {
    this.#home(watcher, true)!.add(watcher);
  }
  remove(watcher: Watcher): void {
    this.#home(watcher, false)?.delete(watcher);
    this.#sweep(watcher);
  }
  notify(event: CacheEvent): void {
    tell(this.#all, event);
    if (this.#byName.size > 0) tell(this.#byName.get(event.key), event);
    if (this.#byNamespace.size > 0) {
      const slash = event.key.indexOf("/");
      if (slash > 0) tell(this.#byNamespace.get(event.key.slice(0, slash)), event);
    }
    for (const [field, values] of this.#byField) {
      const now = this.#value(field, event.entry);
      const before = this.#value(field, event.previous);
      if (now !== undefined) tell(values.get(now), event);
      if (before !== undefined && before !== now) tell(values.get(before), event);
    }
  }
  #value(field: string, entry: Entry | undefined): string | undefined {
    return entry && this.#kind.selectableFields?.[field]?.(entry.object);
  }
  #home(watcher: Watcher, make: boolean): Bucket | undefined {
    const { namespace, name, indexed } = watcher.scope;
    if (name !== undefined && (namespace !== undefined || this.#kind.scope === "Cluster")) {
      return bucketOf(this.#byName, namespace === undefined ? name : `${namespace}/${name}`, make);
    }
    if (indexed && this.#kind.selectableFields?.[indexed.field]) {
      let values = this.#byField.get(indexed.field);
      if (!values) {
        values = new Map();
        this.#byField.set(indexed.field, values);
      }
      return bucketOf(values, indexed.value, make);
    }
    return namespace === undefined ? this.#all : bucketOf(this.#byNamespace, namespace, make);
  }
  #sweep({ scope }: Watcher): void {
    if (scope.indexed) dropEmpty(this.#byField.get(scope.indexed.field), scope.indexed.value);
    if (scope.namespace !== undefined) dropEmpty(this.#byNamespace, scope.namespace);
    if (scope.name !== undefined) {
      dropEmpty(this.#byName, scope.namespace === undefined ? scope.name : `${scope.namespace}/${scope.name}`);
    }
  }
}

function bucketOf(buckets: Map<string, Bucket>, key: string, make: boolean): Bucket | undefined {
  let bucket = buckets.get(key);
  if (!bucket && make) {
    bucket = new Set();
    buckets.set(key, bucket);
  }
  return bucket;
}

function dropEmpty(buckets: Map<string, Bucket> | undefined, key: string): void {
  if (buckets?.get(key)?.size === 0) buckets.delete(key);
}

function tell(bucket: Bucket | undefined, event: CacheEvent): void {
  if (!bucket) return;
  for (const watcher of bucket) {
    const notice = event.noticeFor(watcher.scope.matches);
    if (notice) watcher.push(notice);
  }
}
