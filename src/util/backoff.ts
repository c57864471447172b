import type { Clock } from "./clock.ts";

/** Exponential delays per key, forgotten after a quiet time. Durations in ms. */
export class Backoff {
  #entries = new Map<string, { delay: number; at: number }>();
  #options: { clock: Clock; initial: number; max: number; forgetAfter: number; factor: number };

  constructor(options: { clock: Clock; initial: number; max: number; forgetAfter?: number; factor?: number }) {
    this.#options = { forgetAfter: options.max * 2, factor: 2, ...options };
  }
  /** Counts one more failure of `key` and answers how long to wait before the next try. */
  next(key: string): number {
    const { clock, initial, max, factor, forgetAfter } = this.#options;
    const now = clock.now();
    const entry = this.#entries.get(key);
    const delay = !entry || now - entry.at > forgetAfter ? initial : Math.min(max, entry.delay * factor);
    this.#entries.set(key, { delay, at: now });
    return delay;
  }
  /** How much of the current delay of `key` is left, in ms; 0 when it may be tried. */
  remaining(key: string): number {
    const entry = this.#entries.get(key);
    return entry ? Math.max(0, entry.at + entry.delay - this.#options.clock.now()) : 0;
  }
  reset(key: string): void {
    this.#entries.delete(key);
  }
}
