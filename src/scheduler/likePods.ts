import type { PodFacts } from "./podFacts.ts";

/** So many sorts of Pods are remembered; the one asked for longest ago is forgotten. */
const MOST_SORTS = 32;
const REFUSED = -1;

/** What is asked about one node: undefined when it refuses, else its weighted score. */
export type Ask = (slot: number) => number | undefined;

/** What local plug-ins said of each node for Pods that request the same; true until the node's row changes. */
export class Remembered {
  /** the row's version when it was asked */
  #seen = new Uint32Array(0);
  #sums = new Float64Array(0);

  /** The node's weighted sum; negative when it refuses. */
  sumAt(slot: number, version: number, ask: Ask): number {
    if (this.#seen[slot] === version) return this.#sums[slot]!;
    if (slot >= this.#seen.length) this.#grow(slot + 1);
    const sum = ask(slot) ?? REFUSED;
    this.#seen[slot] = version;
    this.#sums[slot] = sum;
    return sum;
  }

  #grow(least: number): void {
    const size = Math.max(64, least, this.#seen.length * 2);
    const [seen, sums] = [this.#seen, this.#sums];
    this.#seen = new Uint32Array(size);
    this.#seen.set(seen);
    this.#sums = new Float64Array(size);
    this.#sums.set(sums);
  }
}

/** Replicas ask the same of nodes that have hardly changed since their siblings asked: only what changed is asked again. */
export class LikePods {
  readonly #known = new Map<string, Remembered>();

  of(pod: PodFacts): Remembered {
    const key = keyOf(pod);
    const known = this.#known.get(key);
    if (known && this.#known.size < MOST_SORTS) return known;
    this.#known.delete(key);
    const remembered = known ?? new Remembered();
    this.#known.set(key, remembered);
    if (this.#known.size > MOST_SORTS) this.#known.delete(this.#known.keys().next().value!);
    return remembered;
  }
}

function keyOf({ requests, scoredCpu, scoredMemory }: PodFacts): string {
  let key = `${scoredCpu}|${scoredMemory}`;
  for (const [resource, value] of requests) key += `|${resource}=${value}`;
  return key;
}
