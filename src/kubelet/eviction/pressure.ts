import { type Pressure, pressureOf, type Threshold } from "./signals.ts";

/** A pressure shows for so long (ms) after its cause was last seen, so that Pods do not come and go. */
const TRANSITION = 300_000;

/** Which pressures the node is under, by when they were last seen. Time is given, in ms that never jump. */
export class Pressures {
  readonly #seen = new Map<Pressure, number>();
  readonly #transition: number;

  constructor(transition = TRANSITION) {
    this.#transition = transition;
  }
  /** Answers whether anything has changed. */
  note(crossed: readonly Threshold[], elapsed: number): boolean {
    const before = [...this.#seen.keys()].sort().join();
    for (const { signal } of crossed) this.#seen.set(pressureOf(signal), elapsed);
    for (const [pressure, at] of this.#seen) if (elapsed - at >= this.#transition) this.#seen.delete(pressure);
    return [...this.#seen.keys()].sort().join() !== before;
  }
  get current(): ReadonlySet<Pressure> {
    return new Set(this.#seen.keys());
  }
}
