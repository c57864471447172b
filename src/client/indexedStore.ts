import type { KubernetesObject } from "../apimachinery/meta.ts";
import { keyOf } from "./path.ts";

interface Index<T> {
  values(object: T): readonly string[];
  entries: Map<string, Map<string, T>>;
}

/** Objects by key, by namespace, and by whatever else was asked for. */
export class IndexedStore<T extends KubernetesObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();
  /** answers of `all` and `byIndex`, kept until something changes */
  #all: readonly T[] | undefined;

  constructor() {
    this.addIndex(NAMESPACE, (object) => (object.metadata.namespace ? [object.metadata.namespace] : []));
  }
  get(key: string): T | undefined {
    return this.#objects.get(key);
  }
  keys(): Iterable<string> {
    return this.#objects.keys();
  }
  all(): readonly T[] {
    this.#all ??= Object.freeze([...this.#objects.values()]);
    return this.#all;
  }
  inNamespace(namespace: string): readonly T[] {
    return this.byIndex(NAMESPACE, namespace);
  }
  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`there is no index "${name}"`);
    const found = index.entries.get(value);
    return found ? [...found.values()] : NONE;
  }
  addIndex(name: string, values: (object: T) => readonly string[]): void {
    if (this.#indexes.has(name)) return;
    const index: Index<T> = { values, entries: new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) file(index, key, object);
  }
  /** Puts `object` in and answers what was there. */
  set(object: T): T | undefined {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    for (const index of this.#indexes.values()) {
      if (old) refile(index, key, old, object);
      else file(index, key, object);
    }
    this.#objects.set(key, object);
    this.#all = undefined;
    return old;
  }
  remove(key: string): T | undefined {
    const old = this.#objects.get(key);
    if (!old) return undefined;
    for (const index of this.#indexes.values()) unfile(index, key, old);
    this.#objects.delete(key);
    this.#all = undefined;
    return old;
  }
}

const NAMESPACE = "\0namespace";
const NONE: readonly never[] = Object.freeze([]);

function file<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.values(object)) {
    const entry = index.entries.get(value);
    if (entry) entry.set(key, object);
    else index.entries.set(value, new Map([[key, object]]));
  }
}

/** Most changes leave an object where it is. */
function refile<T>(index: Index<T>, key: string, old: T, object: T): void {
  const before = index.values(old);
  const after = index.values(object);
  const stays = before.length === after.length && before.every((value, i) => value === after[i]);
  if (!stays) unfile(index, key, old);
  file(index, key, object);
}

function unfile<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.values(object)) {
    const entry = index.entries.get(value);
    if (entry?.delete(key) && entry.size === 0) index.entries.delete(value);
  }
}
