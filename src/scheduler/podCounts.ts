import type { Selector } from "../apimachinery/selectors.ts";
import type { PodFacts } from "./podFacts.ts";
import { idOf } from "./podTerms.ts";
import { SlotCounts } from "./slotArray.ts";

/** Which Pods to count: those of certain namespaces that all selectors match. */
export interface CountedPods {
  /** undefined: all namespaces */
  namespaces: readonly string[] | undefined;
  selectors: readonly Selector[];
  /** Pods that are being deleted do not count. */
  living: boolean;
}

/** How many Pods of one sort run on each node, kept up to date from the first time that somebody asks. */
export class PodCounter {
  readonly counts = new SlotCounts();
  readonly #wanted: CountedPods;
  readonly #namespaces: ReadonlySet<string> | undefined;

  constructor(wanted: CountedPods) {
    this.#wanted = wanted;
    this.#namespaces = wanted.namespaces && new Set(wanted.namespaces);
  }
  matches(pod: PodFacts): boolean {
    const { living, selectors } = this.#wanted;
    if (living && pod.isTerminating) return false;
    if (this.#namespaces && !this.#namespaces.has(pod.namespace)) return false;
    for (const selector of selectors) if (!selector.matches(pod.labels)) return false;
    return true;
  }
  /** A label that every counted Pod has, by which counters are found. */
  get pair(): string | undefined {
    for (const selector of this.#wanted.selectors) {
      for (const { key, operator, values } of selector.requirements) {
        if ((operator === "=" || operator === "in") && values.length === 1) return `${key}=${values[0]}`;
      }
    }
    return undefined;
  }
}

/** So many sorts of Pods are kept counted; the one asked for longest ago is forgotten. */
const MOST_COUNTERS = 1024;

/** All counters, found by a label that the counted Pods share, so that placing a Pod touches few of them. */
export class PodCounters {
  readonly #all = new Map<string, PodCounter>();
  readonly #byPair = new Map<string, Set<PodCounter>>();
  readonly #others = new Set<PodCounter>();

  /** The counter of these Pods; `fill` counts the Pods already placed into a new one. */
  get(wanted: CountedPods, fill: (counter: PodCounter) => void): PodCounter {
    const id = JSON.stringify([wanted.namespaces ?? null, wanted.selectors.map(idOf), wanted.living]);
    let counter = this.#all.get(id);
    if (counter) {
      this.#all.delete(id);
    } else {
      counter = new PodCounter(wanted);
      this.#file(counter);
      fill(counter);
      if (this.#all.size >= MOST_COUNTERS) this.#forgetOldest();
    }
    this.#all.set(id, counter);
    return counter;
  }
  add(slot: number, pod: PodFacts, by: 1 | -1): void {
    if (this.#all.size === 0) return;
    for (const counter of this.#others) if (counter.matches(pod)) counter.counts.add(slot, by);
    if (this.#byPair.size === 0) return;
    for (const key in pod.labels) {
      for (const counter of this.#byPair.get(`${key}=${pod.labels[key]}`) ?? NONE) {
        if (counter.matches(pod)) counter.counts.add(slot, by);
      }
    }
  }
  clear(slot: number): void {
    for (const counter of this.#all.values()) counter.counts.clear(slot);
  }

  #file(counter: PodCounter): void {
    const { pair } = counter;
    if (pair === undefined) this.#others.add(counter);
    else this.#byPair.set(pair, (this.#byPair.get(pair) ?? new Set()).add(counter));
  }
  #forgetOldest(): void {
    const [id, counter] = this.#all.entries().next().value!;
    this.#all.delete(id);
    this.#others.delete(counter);
    const { pair } = counter;
    const same = pair === undefined ? undefined : this.#byPair.get(pair);
    same?.delete(counter);
    if (same?.size === 0) this.#byPair.delete(pair!);
  }
}

const NONE: readonly PodCounter[] = [];
