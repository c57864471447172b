import type { Pod } from "../api/core/v1/index.ts";
import { Backoff } from "../util/backoff.ts";
import type { Clock, Timer } from "../util/clock.ts";
import { Heap } from "../util/heap.ts";

/** Pods parked as unschedulable are tried again after this long even when nothing changed. */
const LEFTOVER_MS = 5 * 60_000;

interface Queued {
  readonly key: string;
  readonly pod: Pod;
  readonly since: number;
}

/**
 * Pods that wait for a node. Active ones are taken by priority, then by age. One that found no node is parked until
 * something changes in the cluster, and then not before its back-off (1 s, doubling to 10 s) is over.
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #active = new Map<string, Queued>();
  readonly #parked = new Map<string, { queued: Queued; leftover: Timer }>();
  readonly #backingOff = new Map<string, { queued: Queued; timer: Timer }>();
  readonly #onReady: () => void;
  /** may hold Pods that are no longer active; `#active` decides */
  readonly #order = new Heap<Queued>(
    (a, b) => priority(a) > priority(b) || (priority(a) === priority(b) && a.since < b.since),
  );

  constructor(options: { clock: Clock; onReady: () => void }) {
    this.#clock = options.clock;
    this.#onReady = options.onReady;
    this.#backoff = new Backoff({ clock: options.clock, initial: 1000, max: 10_000, forgetAfter: 10 * 60_000 });
  }

  /** A Pod to be scheduled, new or changed. A change lets a parked Pod try again. */
  add(key: string, pod: Pod): void {
    const since = this.#find(key)?.since ?? this.#clock.now();
    this.#forget(key);
    this.#activate({ key, pod, since });
  }

  /** Replaces the Pod without another try, for changes that cannot matter. */
  refresh(key: string, pod: Pod): void {
    const queued = this.#find(key);
    if (queued) Object.assign(queued, { pod });
  }

  remove(key: string): void {
    this.#forget(key);
    this.#backoff.reset(key);
  }

  /** The next Pod to try, taken out of the queue. */
  take(): { key: string; pod: Pod } | undefined {
    for (;;) {
      const next = this.#order.pop();
      if (!next) return undefined;
      if (this.#active.get(next.key) !== next) continue;
      this.#active.delete(next.key);
      return next;
    }
  }

  /** Parks a Pod that found no node. */
  park(key: string, pod: Pod): void {
    const queued = { key, pod, since: this.#clock.now() };
    this.#backoff.next(key);
    const leftover = this.#clock.setTimer(LEFTOVER_MS, () => this.#release(key));
    this.#parked.set(key, { queued, leftover });
  }

  /** Tries a Pod again after its back-off, without waiting for a change: the fault was not the cluster's shape. */
  retry(key: string, pod: Pod): void {
    this.#backoff.next(key);
    this.#wait({ key, pod, since: this.#clock.now() });
  }

  /** Something changed that may let parked Pods be scheduled. */
  wake(): void {
    for (const key of [...this.#parked.keys()]) this.#release(key);
  }

  close(): void {
    for (const { leftover } of this.#parked.values()) leftover.cancel();
    for (const { timer } of this.#backingOff.values()) timer.cancel();
    this.#parked.clear();
    this.#backingOff.clear();
    this.#active.clear();
  }

  #release(key: string): void {
    const parked = this.#parked.get(key);
    if (!parked) return;
    parked.leftover.cancel();
    this.#parked.delete(key);
    this.#wait(parked.queued);
  }

  #wait(queued: Queued): void {
    const left = this.#backoff.remaining(queued.key);
    if (left === 0) return this.#activate(queued);
    const timer = this.#clock.setTimer(left, () => {
      this.#backingOff.delete(queued.key);
      this.#activate(queued);
    });
    this.#backingOff.set(queued.key, { queued, timer });
  }

  #activate(queued: Queued): void {
    this.#active.set(queued.key, queued);
    this.#order.push(queued);
    this.#onReady();
  }

  #find(key: string): Queued | undefined {
    return this.#active.get(key) ?? this.#parked.get(key)?.queued ?? this.#backingOff.get(key)?.queued;
  }

  #forget(key: string): void {
    this.#active.delete(key);
    this.#parked.get(key)?.leftover.cancel();
    this.#parked.delete(key);
    this.#backingOff.get(key)?.timer.cancel();
    this.#backingOff.delete(key);
  }
}

function priority(queued: Queued): number {
  return queued.pod.spec.priority ?? 0;
}
