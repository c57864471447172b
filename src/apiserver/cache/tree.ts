import sortedBTree from "sorted-btree";
import type { Entry } from "./entry.ts";

const BTree = sortedBTree.default;

/** Entries by key, in order. A clone shares its nodes with the original until either changes, so it costs next to nothing. */
export type Tree = InstanceType<typeof BTree<string, Entry>>;

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function emptyTree(): Tree {
  return new BTree<string, Entry>(undefined, compareKeys);
}
