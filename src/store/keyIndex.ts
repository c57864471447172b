import sortedBtree from "sorted-btree";

const BTree = sortedBtree.default;
/** Sorts after every character a key may have. */
const LAST = "\uffff";
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A key and the revision of its last write at some instant. */
export interface Row {
  readonly key: string;
  readonly revision: number;
}

/** Current keys in order, each with the revision of its last write. */
export class KeyIndex {
  readonly #tree = new BTree<string, number>(undefined, compare);

  /** 0 when there is no such key. */
  revisionOf(key: string): number {
    return this.#tree.get(key) ?? 0;
  }
  set(key: string, revision: number): void {
    this.#tree.set(key, revision);
  }
  remove(key: string): void {
    this.#tree.delete(key);
  }
  /**
   * Rows under `prefix` after the key `after`, at most `limit`, and how many follow. `overlay` says for some keys which
   * revision they had at the instant asked for (0: none), in place of the current one.
   */
  page(
    prefix: string,
    after: string | undefined,
    limit: number,
    overlay: ReadonlyMap<string, number>,
  ): { rows: Row[]; remaining: number } {
    const rows: Row[] = [];
    let remaining = 0;
    const take = (key: string, revision: number) => {
      if (revision === 0 || key === after) return;
      if (rows.length < limit) rows.push({ key, revision });
      else remaining++;
    };
    const low = after !== undefined && after > prefix ? after : prefix;
    const gone = [...overlay].filter(([key]) => key >= low && !this.#tree.has(key)).sort((a, b) => compare(a[0], b[0]));
    let next = 0;
    this.#tree.forRange(low, prefix + LAST, true, (key, revision) => {
      for (; next < gone.length && gone[next]![0] < key; next++) take(...gone[next]!);
      take(key, overlay.get(key) ?? revision);
    });
    for (; next < gone.length; next++) take(...gone[next]!);
    return { rows, remaining };
  }
}
