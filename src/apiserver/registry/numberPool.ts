import type { Random } from "../../util/random.ts";

/** A range of numbers of which each is held by at most one. */
export class NumberPool {
  readonly from: number;
  readonly to: number;
  #reserved: number;
  #random: Random;
  /** how often each is held: an update holds its number twice for a moment */
  #held = new Map<number, number>();
  #aside = new Set<number>();

  constructor(options: { from: number; to: number; reserved: number; random: Random }) {
    this.from = options.from;
    this.to = options.to;
    this.#reserved = options.reserved;
    this.#random = options.random;
  }
  includes(n: number): boolean {
    return n >= this.from && n <= this.to;
  }
  isFree(n: number): boolean {
    return !this.#held.has(n) && !this.#aside.has(n);
  }
  /** Sets a certain number aside; false when someone has it. */
  take(n: number): boolean {
    if (!this.isFree(n)) return false;
    this.#aside.add(n);
    return true;
  }
  /** Sets any free number aside; those at the beginning, which people choose by hand, only when no other is left. */
  takeAny(): number | undefined {
    return this.#within(this.from + this.#reserved, this.to) ?? this.#within(this.from, this.from + this.#reserved - 1);
  }
  #within(from: number, to: number): number | undefined {
    const size = to - from + 1;
    if (size <= 0) return undefined;
    const start = Math.floor(this.#random.next() * size);
    for (let i = 0; i < size; i++) {
      const n = from + ((start + i) % size);
      if (this.take(n)) return n;
    }
    return undefined;
  }
  /** Gives back what was set aside: it is stored by now, or will not be. */
  putBack(n: number): void {
    this.#aside.delete(n);
  }
  hold(n: number): void {
    this.#held.set(n, (this.#held.get(n) ?? 0) + 1);
  }
  drop(n: number): void {
    const left = (this.#held.get(n) ?? 0) - 1;
    if (left > 0) this.#held.set(n, left);
    else this.#held.delete(n);
  }
}
