import type { Event } from "../api/core/v1/index.ts";
import type { Clock } from "../util/clock.ts";

/** As in Kubernetes' recorder: 25 events at once per source and object, then one in five minutes. */
const BURST = 25;
const REFILL = 300_000;
/** Ten like events and more in ten minutes become one "combined" event. */
const SIMILAR = 10;
const SIMILAR_INTERVAL = 600_000;
/** What is remembered of each kind of memory. */
const MEMORY = 4096;

export interface EventPlan {
  drop: boolean;
  /** what to write, with its count and message */
  event: Event;
  /** the name of the written event to be counted up; undefined: create */
  known?: string;
}

/** Decides what becomes of an event: created, counted on one that is there, combined with like ones, or dropped. */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #buckets = new Recent<{ tokens: number; at: number }>();
  readonly #similar = new Recent<{ messages: Set<string>; at: number }>();
  readonly #written = new Recent<{ name: string; count: number; firstTimestamp: string }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  correlate(event: Event): EventPlan {
    const combined = this.#combine(event);
    const known = this.#written.get(identity(combined));
    if (!this.#allow(event)) return { drop: true, event: combined };
    if (!known) return { drop: false, event: combined };
    known.count++;
    const counted: Event = { ...combined, count: known.count, firstTimestamp: known.firstTimestamp };
    return { drop: false, event: counted, known: known.name };
  }

  /** `event` was created under `name`. */
  written(event: Event, name: string): void {
    const { count = 1, firstTimestamp } = event;
    this.#written.set(identity(event), { name, count, firstTimestamp });
  }

  #combine(event: Event): Event {
    const key = group(event);
    const now = this.#clock.now();
    let entry = this.#similar.get(key);
    if (!entry || now - entry.at > SIMILAR_INTERVAL) entry = { messages: new Set(), at: now };
    entry.at = now;
    this.#similar.set(key, entry);
    if (entry.messages.size < SIMILAR) entry.messages.add(event.message ?? "");
    if (entry.messages.size < SIMILAR) return event;
    return { ...event, message: `(combined from similar events): ${event.message ?? ""}` };
  }

  #allow(event: Event): boolean {
    const key = about(event);
    const now = this.#clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: BURST, at: now };
    bucket.tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) / REFILL);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}

function about({ source, involvedObject: o }: Event): string {
  return [source?.component, source?.host, o.kind, o.namespace, o.name, o.uid, o.apiVersion].join("|");
}
function group(event: Event): string {
  return [about(event), event.type, event.reason, event.reportingComponent].join("|");
}
/** Combined events are one, whatever they say. */
function identity(event: Event): string {
  const message = event.message?.startsWith("(combined from") ? "(combined)" : event.message;
  return [group(event), event.involvedObject.fieldPath, message].join("|");
}

/** A map that forgets what was longest not set. */
class Recent<V> {
  readonly #map = new Map<string, V>();
  get(key: string): V | undefined {
    return this.#map.get(key);
  }
  set(key: string, value: V): void {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size > MEMORY) this.#map.delete(this.#map.keys().next().value as string);
  }
}
