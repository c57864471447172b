import type { PodFacts } from "./podFacts.ts";

/** Placed Pods by each of their labels, so that whoever asks for Pods of one sort need not look at all. */
export class PodsByLabel<T extends { readonly facts: PodFacts }> {
  readonly #byPair = new Map<string, Set<T>>();

  add(placed: T): void {
    const { labels } = placed.facts;
    for (const key in labels) {
      const pair = `${key}=${labels[key]}`;
      const pods = this.#byPair.get(pair);
      if (pods) pods.add(placed);
      else this.#byPair.set(pair, new Set([placed]));
    }
  }
  remove(placed: T): void {
    const { labels } = placed.facts;
    for (const key in labels) {
      const pair = `${key}=${labels[key]}`;
      const pods = this.#byPair.get(pair);
      if (pods?.delete(placed) && pods.size === 0) this.#byPair.delete(pair);
    }
  }
  /** The Pods with the label "key=value". */
  with(pair: string): Iterable<T> {
    return this.#byPair.get(pair) ?? [];
  }
}
