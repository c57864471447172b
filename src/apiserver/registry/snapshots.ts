import type { Kind } from "../../apimachinery/kind.ts";
import type { Clock } from "../../util/clock.ts";
import type { Entry } from "../cache/entry.ts";
import { emptyTree, type Tree } from "../cache/tree.ts";

/** How long a paged list can be continued. */
const KEPT = 300_000;
const MOST = 128;

/** The moments at which paged lists were begun, so that every page shows the same one. A snapshot shares its nodes with the cache. */
export class Snapshots {
  #clock: Clock;
  #kept = new Map<string, { tree: Tree; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }
  keep(kind: Kind, revision: number, tree: Tree): void {
    const key = `${kind.resource}@${revision}`;
    if (this.#kept.has(key)) return;
    this.#forget();
    this.#kept.set(key, { tree: tree.clone(), at: this.#clock.now() });
  }
  get(kind: Kind, revision: number): Tree | undefined {
    this.#forget();
    return this.#kept.get(`${kind.resource}@${revision}`)?.tree;
  }
  /** A tree of these entries, which are in order. */
  of(entries: readonly Entry[]): Tree {
    const tree = emptyTree();
    for (const entry of entries) tree.set(entry.key, entry);
    return tree;
  }
  #forget(): void {
    const now = this.#clock.now();
    for (const [key, { at }] of this.#kept) {
      if (now - at <= KEPT && this.#kept.size < MOST) break;
      this.#kept.delete(key);
    }
  }
}
