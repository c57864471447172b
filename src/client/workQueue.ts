import { Backoff } from "../util/backoff.ts";
import type { Clock, Timer } from "../util/clock.ts";

export interface WorkQueueOptions {
  clock: Clock;
  /** how many keys are worked on at once; default 5 */
  workers?: number;
  /** works on one key; never throws: what fails is put back with `retry` */
  process(key: string): Promise<void>;
  /** back-off of `retry` in ms; defaults 5 and 1,000,000 as for Kubernetes' controllers */
  firstRetry?: number;
  lastRetry?: number;
}

/**
 * Keys to work on. A key waits at most once, is never worked on twice at the same time, and is worked on again when it
 * was added meanwhile. Work starts in a later turn of the event loop, so that a burst of changes becomes one piece of work.
 */
export class WorkQueue {
  readonly #options: Required<WorkQueueOptions>;
  readonly #backoff: Backoff;
  readonly #ready = new Set<string>();
  readonly #working = new Set<string>();
  readonly #later = new Map<string, { at: number; timer: Timer }>();
  #busy = 0;
  #scheduled = false;
  #stopped = false;
  #idle: (() => void) | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = { workers: 5, firstRetry: 5, lastRetry: 1_000_000, ...options };
    const { clock, firstRetry, lastRetry } = this.#options;
    this.#backoff = new Backoff({ clock, initial: firstRetry, max: lastRetry });
  }

  /** How many keys wait or are worked on now; those for later do not count. */
  get depth(): number {
    return this.#ready.size + this.#working.size;
  }

  add(key: string): void {
    if (this.#stopped || this.#ready.has(key)) return;
    this.#ready.add(key);
    this.#schedule();
  }

  /** Adds `key` in `ms`; of several such wishes, the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#stopped) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const { clock } = this.#options;
    const at = clock.now() + ms;
    const known = this.#later.get(key);
    if (known && known.at <= at) return;
    known?.timer.cancel();
    const timer = clock.setTimer(ms, () => {
      this.#later.delete(key);
      this.add(key);
    });
    this.#later.set(key, { at, timer });
  }

  /** Adds `key` after its back-off, which grows with each call until `forget`. */
  retry(key: string): void {
    this.addAfter(key, this.#backoff.next(key));
  }

  /** The key's work succeeded: its next failure starts with the shortest back-off. */
  forget(key: string): void {
    this.#backoff.reset(key);
  }

  /** Starts no more work; resolves when what is being worked on is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { timer } of this.#later.values()) timer.cancel();
    this.#later.clear();
    this.#ready.clear();
    if (this.#working.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  /** The worker on `key` is free for another while `wait` lasts; the key itself stays taken. */
  async release<T>(wait: Promise<T>): Promise<T> {
    this.#busy--;
    this.#schedule();
    try {
      return await wait;
    } finally {
      this.#busy++;
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#busy >= this.#options.workers) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    for (const key of this.#ready) {
      if (this.#busy >= this.#options.workers) return;
      if (this.#working.has(key)) continue;
      this.#ready.delete(key);
      void this.#work(key);
    }
  }

  async #work(key: string): Promise<void> {
    this.#working.add(key);
    this.#busy++;
    try {
      await this.#options.process(key);
    } finally {
      this.#busy--;
      this.#working.delete(key);
      if (this.#ready.size > 0) this.#schedule();
      if (this.#working.size === 0) this.#idle?.();
    }
  }
}
