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
  /** Runs `fire` once after `ms`. Never keeps the process alive by itself. */
  setTimer(ms: number, fire: () => void): Timer;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

function sleepOn(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
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

class RealClock implements Clock {
  now(): number {
    return Date.now();
  }
  setTimer(ms: number, fire: () => void): Timer {
    const handle = setTimeout(fire, Math.min(ms, 0x7fff_ffff));
    return { cancel: () => clearTimeout(handle) };
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }
}

export const realClock: Clock = new RealClock();

interface Pending {
  at: number;
  sequence: number;
  fire: () => void;
}

/** A clock that stands still until it is told to move; timers fire in order of their instant, then of creation. */
export class VirtualClock implements Clock {
  #now: number;
  #sequence = 0;
  #pending = new Set<Pending>();

  constructor(start = Date.UTC(2030, 0, 1)) {
    this.#now = start;
  }
  now(): number {
    return this.#now;
  }
  setTimer(ms: number, fire: () => void): Timer {
    const pending = { at: this.#now + Math.max(0, ms), sequence: this.#sequence++, fire };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }
  /** When the next timer is due, or undefined when none is pending. */
  nextTimer(): number | undefined {
    return this.#next()?.at;
  }
  /** Moves to `instant` and fires the earliest timer due by then, if any. Answers whether one fired. */
  step(instant: number): boolean {
    const next = this.#next();
    if (!next || next.at > instant) {
      this.#now = Math.max(this.#now, instant);
      return false;
    }
    this.#pending.delete(next);
    this.#now = Math.max(this.#now, next.at);
    next.fire();
    return true;
  }
  #next(): Pending | undefined {
    let first: Pending | undefined;
    for (const p of this.#pending) {
      if (!first || p.at < first.at || (p.at === first.at && p.sequence < first.sequence)) first = p;
    }
    return first;
  }
}
