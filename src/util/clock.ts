import { Heap } from "./heap.ts";

/** A pending timer; `cancel` is harmless after it fired. */
export interface Timer {
  cancel(): void;
}

/**
 * The only source of time. Components take a Clock, so that a test can own time.
 * Durations and instants are milliseconds; instants count from the Unix epoch.
 */
export interface Clock {
  /** The current instant, in ms since the Unix epoch. */
  now(): number;
  /** ms since some instant. Unlike `now` it never jumps when someone sets the machine's clock: for measuring durations. */
  elapsed(): number;
  /** Runs `fire` once after `ms`. Never keeps the process alive by itself. */
  setTimer(ms: number, fire: () => void): Timer;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Like `sleep`, but an abort only ends it early: for loops that look at the signal themselves. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

function sleepOn(clock: Pick<Clock, "setTimer">, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.setTimer(ms, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** Longer timers than setTimeout can hold fire early; nobody waits 24 days. */
const LONGEST = 0x7fff_ffff;

class RealClock implements Clock {
  now(): number {
    return Date.now();
  }
  elapsed(): number {
    return performance.now();
  }
  setTimer(ms: number, fire: () => void): Timer {
    const handle = setTimeout(fire, Math.min(ms, LONGEST)).unref();
    return { cancel: () => clearTimeout(handle) };
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    // Whoever sleeps is awaited: unlike a timer, that keeps the process alive.
    const setTimer = (wait: number, fire: () => void) => {
      const handle = setTimeout(fire, Math.min(wait, LONGEST));
      return { cancel: () => clearTimeout(handle) };
    };
    return sleepOn({ setTimer }, ms, signal);
  }
  pause(ms: number, signal: AbortSignal): Promise<void> {
    return this.sleep(ms, signal).catch(() => undefined);
  }
}

export const realClock: Clock = new RealClock();

interface Pending {
  at: number;
  sequence: number;
  /** undefined once cancelled */
  fire: (() => void) | undefined;
}

const isEarlier = (a: Pending, b: Pending) => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

/** A clock that stands still until it is told to move; timers fire in order of their instant, then of creation. */
export class VirtualClock implements Clock {
  #now: number;
  /** how far the clock has been set forward (or back) while time went on evenly */
  #jumped = 0;
  #sequence = 0;
  readonly #pending = new Heap<Pending>(isEarlier);

  constructor(start = Date.UTC(2030, 0, 1)) {
    this.#now = start;
  }
  now(): number {
    return this.#now;
  }
  elapsed(): number {
    return this.#now - this.#jumped;
  }
  /** Someone sets the clock: no time passes, and timers fire no earlier or later than they would have. */
  jump(ms: number): void {
    this.#now += ms;
    this.#jumped += ms;
  }
  setTimer(ms: number, fire: () => void): Timer {
    const pending: Pending = { at: this.elapsed() + Math.max(0, ms), sequence: this.#sequence++, fire };
    this.#pending.push(pending);
    return {
      cancel: () => {
        pending.fire = undefined;
      },
    };
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }
  pause(ms: number, signal: AbortSignal): Promise<void> {
    return this.sleep(ms, signal).catch(() => undefined);
  }
  /** When the next timer is due, or undefined when none is pending. */
  nextTimer(): number | undefined {
    const next = this.#next();
    return next && next.at + this.#jumped;
  }
  /** Moves to `instant` and fires the earliest timer due by then, if any. Answers whether one fired. */
  step(instant: number): boolean {
    const next = this.#next();
    if (!next || next.at + this.#jumped > instant) {
      this.#now = Math.max(this.#now, instant);
      return false;
    }
    this.#pending.pop();
    this.#now = Math.max(this.#now, next.at + this.#jumped);
    next.fire?.();
    return true;
  }
  /** The earliest timer that was not cancelled; those before it are dropped. */
  #next(): Pending | undefined {
    for (let first = this.#pending.peek(); first; first = this.#pending.peek()) {
      if (first.fire) return first;
      this.#pending.pop();
    }
    return undefined;
  }
}
