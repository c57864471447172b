import type { Pod } from "../api/core/v1/index.ts";
import type { Clock, Timer } from "../util/clock.ts";
import { Heap } from "../util/heap.ts";
import type { ClusterEvent } from "./clusterEvents.ts";
import { keyOfPod } from "./podFacts.ts";

/** Pods parked as unschedulable are tried again after this long even when nothing changed. */
const LEFTOVER_MS = 5 * 60_000;

export interface QueueOptions {
  clock: Clock;
  /** There is a Pod to take. */
  onReady: () => void;
  /** Whether an event may help a Pod that these plug-ins refused; none: any event may. */
  hint?: (pod: Pod, plugin: string) => ((pod: Pod, event: ClusterEvent) => boolean) | undefined;
  /** Why a Pod must not be tried at all. */
  gate?: (pod: Pod) => string | undefined;
  /** the first back-off and the longest (ms) */
  initialBackoff?: number;
  maxBackoff?: number;
}

type Place = "active" | "backoff" | "parked" | "gated";

/** A Pod that waits for a node. */
export interface Queued {
  readonly key: string;
  pod: Pod;
  since: number;
  /** how often it found no node */
  failures: number;
  /** how often something went wrong since it last was refused or placed */
  errors: number;
  /** what refused it the last time */
  plugins: ReadonlySet<string>;
  place: Place;
  /** its place in line; older tickets are worth nothing */
  ticket: Ticket | undefined;
}

const CROWD = 200;

interface Ticket {
  readonly queued: Queued;
  readonly priority: number;
  /** since when it waits, or when its back-off ends */
  readonly at: number;
}

/**
 * Pods that wait for a node. Active ones are taken by priority, then by age. One that found no node is parked until
 * something happens that may help it, and then backs off (1 s, doubling to 10 s), unless nobody else waits.
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #options: QueueOptions;
  readonly #initial: number;
  readonly #max: number;
  readonly #all = new Map<string, Queued>();
  readonly #parked = new Set<Queued>();
  readonly #active = new Heap<Ticket>((a, b) => a.priority > b.priority || (a.priority === b.priority && a.at < b.at));
  readonly #backoff = new Heap<Ticket>((a, b) => a.at < b.at);
  /** Pods that are being tried: taken, neither parked nor done */
  readonly #taken = new Map<string, Queued>();
  #leftovers: Timer | undefined;
  #wakeUp: { timer: Timer; at: number } | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#initial = options.initialBackoff ?? 1000;
    this.#max = options.maxBackoff ?? 10_000;
  }

  /** A Pod to be scheduled, new or changed. A change lets a parked Pod try again. */
  add(pod: Pod): void {
    const key = keyOfPod(pod);
    const queued = this.#all.get(key) ?? this.#new(key, pod);
    queued.pod = pod;
    this.#all.set(key, queued);
    if (this.#options.gate?.(pod) !== undefined) this.#gate(queued);
    else if (queued.place !== "active") this.#move(queued);
  }

  /** Replaces the Pod without another try, for changes that cannot matter. */
  refresh(pod: Pod): void {
    const key = keyOfPod(pod);
    const queued = this.#all.get(key) ?? this.#taken.get(key);
    if (queued) queued.pod = pod;
  }

  /** The Pod is bound, or gone. */
  remove(key: string): void {
    const queued = this.#all.get(key);
    this.#all.delete(key);
    this.#taken.delete(key);
    if (queued) this.#parked.delete(queued);
  }

  /** The next Pod to try. It is no longer in the queue until it is parked or retried. */
  take(): Queued | undefined {
    const next = this.#pop(this.#active) ?? this.#popBackingOff();
    if (!next) return undefined;
    this.#all.delete(next.key);
    next.ticket = undefined;
    this.#taken.set(next.key, next);
    return next;
  }

  /** Parks a Pod that found no node. */
  park(queued: Queued, plugins: ReadonlySet<string>): void {
    if (!this.#taken.delete(queued.key)) return;
    queued.plugins = plugins;
    queued.failures++;
    queued.errors = 0;
    queued.since = this.#clock.now();
    queued.place = "parked";
    this.#all.set(queued.key, queued);
    this.#parked.add(queued);
    this.#leftovers ??= this.#clock.setTimer(LEFTOVER_MS, () => this.#flushLeftovers());
  }

  /** Tries a Pod again after its back-off, without waiting for a change: the fault was not the cluster's shape. */
  retry(queued: Queued): void {
    if (!this.#taken.delete(queued.key)) return;
    queued.errors++;
    queued.since = this.#clock.now();
    this.#all.set(queued.key, queued);
    queued.place = "parked";
    this.#backOff(queued);
  }

  /** Something changed: parked Pods that it may help are tried again. */
  happened(event: ClusterEvent): void {
    if (this.#parked.size === 0) return;
    for (const queued of [...this.#parked]) if (this.#helps(queued, event)) this.#move(queued);
  }

  close(): void {
    this.#leftovers?.cancel();
    this.#wakeUp?.timer.cancel();
    this.#all.clear();
    this.#parked.clear();
  }

  #new(key: string, pod: Pod): Queued {
    const since = this.#clock.now();
    return { key, pod, since, failures: 0, errors: 0, plugins: NONE, place: "parked", ticket: undefined };
  }

  #gate(queued: Queued): void {
    this.#parked.delete(queued);
    queued.place = "gated";
    queued.ticket = undefined;
  }

  #helps({ pod, plugins }: Queued, event: ClusterEvent): boolean {
    const { hint } = this.#options;
    if (plugins.size === 0 || !hint) return true;
    for (const plugin of plugins) if (hint(pod, plugin)?.(pod, event)) return true;
    return false;
  }

  /** Out of where it is, into the back-off, or straight to the active ones when that is over. */
  #move(queued: Queued): void {
    this.#parked.delete(queued);
    this.#backOff(queued);
  }

  #backOff(queued: Queued): void {
    const times = queued.errors > 0 ? queued.errors : queued.failures;
    const delay = times === 0 ? 0 : Math.min(this.#max, this.#initial * 2 ** (times - 1));
    const readyAt = queued.since + delay;
    if (readyAt <= this.#clock.now()) return this.#activate(queued);
    queued.place = "backoff";
    queued.ticket = { queued, priority: 0, at: readyAt };
    this.#backoff.push(queued.ticket);
    if (queued.errors === 0) this.#options.onReady();
    this.#wakeAt(readyAt);
  }

  #activate(queued: Queued): void {
    queued.place = "active";
    queued.ticket = { queued, priority: queued.pod.spec.priority ?? 0, at: queued.since };
    this.#active.push(queued.ticket);
    this.#options.onReady();
  }

  #wakeAt(at: number): void {
    if (this.#wakeUp && this.#wakeUp.at <= at) return;
    this.#wakeUp?.timer.cancel();
    const timer = this.#clock.setTimer(Math.max(0, at - this.#clock.now()), () => this.#endBackoffs());
    this.#wakeUp = { timer, at };
  }

  #endBackoffs(): void {
    this.#wakeUp = undefined;
    const now = this.#clock.now();
    for (let next = this.#backoff.peek(); next && next.at <= now; next = this.#backoff.peek()) {
      this.#backoff.pop();
      if (this.#isValid(next)) this.#activate(next.queued);
    }
    const next = this.#backoff.peek();
    if (next) this.#wakeAt(next.at);
  }

  #flushLeftovers(): void {
    this.#leftovers = undefined;
    const now = this.#clock.now();
    let oldest: number | undefined;
    for (const queued of [...this.#parked]) {
      if (queued.since + LEFTOVER_MS <= now) this.#move(queued);
      else oldest = Math.min(oldest ?? queued.since, queued.since);
    }
    if (oldest === undefined) return;
    this.#leftovers = this.#clock.setTimer(oldest + LEFTOVER_MS - now, () => this.#flushLeftovers());
  }

  /**
   * Waiting helps nobody while no one else is to be scheduled; after an error it may. A crowd waits all the same: it
   * would be tried without end, each time that any of its reasons may be gone.
   */
  #popBackingOff(): Queued | undefined {
    if (this.#backoff.size > CROWD) return undefined;
    const waiting: Ticket[] = [];
    let found: Queued | undefined;
    for (let next = this.#backoff.pop(); next && !found; next = found ? next : this.#backoff.pop()) {
      if (!this.#isValid(next)) continue;
      if (next.queued.errors === 0) found = next.queued;
      else waiting.push(next);
    }
    for (const ticket of waiting) this.#backoff.push(ticket);
    return found;
  }

  #pop(heap: Heap<Ticket>): Queued | undefined {
    for (let next = heap.pop(); next; next = heap.pop()) if (this.#isValid(next)) return next.queued;
    return undefined;
  }

  #isValid(ticket: Ticket): boolean {
    return ticket.queued.ticket === ticket && this.#all.get(ticket.queued.key) === ticket.queued;
  }
}

const NONE: ReadonlySet<string> = new Set();
