import type { Clock, Timer } from "../../util/clock.ts";

const RETRY_FIRST = 500;

/** How long (ms) to wait after so many tries in vain: twice as long each time. */
export const retryDelay = (tries: number, most: number): number =>
  Math.min(most, RETRY_FIRST * 2 ** Math.min(tries, 20));

/** Rings once, at the earliest of the instants that it was set to. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #set: { at: number; timer: Timer } | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }
  in(ms: number): void {
    this.at(this.#clock.now() + ms);
  }
  at(instant: number): void {
    if (!Number.isFinite(instant)) return;
    const now = this.#clock.now();
    if (this.#set && this.#set.at <= instant && this.#set.at > now) return;
    this.cancel();
    const timer = this.#clock.setTimer(Math.max(0, instant - now), () => {
      this.#set = undefined;
      this.#ring();
    });
    this.#set = { at: instant, timer };
  }
  cancel(): void {
    this.#set?.timer.cancel();
  }
}
