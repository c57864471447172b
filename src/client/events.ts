import { Event, type ObjectReference } from "../api/core/v1/index.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { isNotFound } from "../apimachinery/status.ts";
import { formatTime } from "../apimachinery/time.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";
import type { Client } from "./client.ts";
import { EventCorrelator } from "./eventCorrelator.ts";

export interface EventOptions {
  /** what was done or failed, such as "Binding" */
  action?: string;
  /** a second object concerned */
  related?: KubernetesObject;
  /** the part of the object concerned, such as "spec.containers{web}" */
  fieldPath?: string;
}

export interface EventRecorder {
  /** Notes that something happened to `object`; written in the background, never fails. */
  event(
    object: KubernetesObject,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    options?: EventOptions,
  ): void;
  /** Resolves when all that was noted has been written or given up. */
  flush(): Promise<void>;
}

export interface EventRecorderOptions {
  client: Client;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** who reports, such as "replicaset-controller" or "kubelet" */
  component: string;
  /** the node it reports from, if any */
  host?: string;
}

/** More than this many events on their way, and new ones are dropped: events must never hold up work. */
const LONGEST_QUEUE = 1000;

class Recorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  #tail: Promise<void> = Promise.resolve();
  #queued = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#correlator = new EventCorrelator(options.clock);
  }

  event(
    object: KubernetesObject,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    options: EventOptions = {},
  ): void {
    if (this.#queued >= LONGEST_QUEUE) return;
    const event = this.#describe(object, { type, reason, message }, options);
    this.#queued++;
    this.#tail = this.#tail.then(async () => {
      try {
        await this.#write(event);
      } catch (error) {
        // An event that cannot be written (its namespace is going away, say) is not worth a failure.
        this.#options.logger.debug("event not written", { reason, error: (error as Error).message });
      } finally {
        this.#queued--;
      }
    });
  }

  flush(): Promise<void> {
    return this.#tail;
  }

  #describe(object: KubernetesObject, what: Pick<Event, "type" | "reason" | "message">, options: EventOptions): Event {
    const { component, host, clock } = this.#options;
    const { action, related, fieldPath } = options;
    const now = clock.now();
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: {
        name: `${object.metadata.name}.${nextStamp(now)}`,
        namespace: object.metadata.namespace || "default",
      },
      involvedObject: { ...reference(object), ...(fieldPath ? { fieldPath } : {}) },
      ...what,
      source: { component, ...(host ? { host } : {}) },
      firstTimestamp: formatTime(now),
      lastTimestamp: formatTime(now),
      count: 1,
      ...(action ? { action } : {}),
      ...(related ? { related: reference(related) } : {}),
      reportingComponent: component,
      reportingInstance: host ?? "",
    } as Event;
  }

  async #write(event: Event): Promise<void> {
    const { client } = this.#options;
    const plan = this.#correlator.correlate(event);
    if (plan.drop) return;
    if (plan.known) {
      const { message, count, lastTimestamp } = plan.event;
      const key = { namespace: event.metadata.namespace, name: plan.known };
      try {
        await client.patch(Event, key, "strategic", { message, count, lastTimestamp });
        return;
      } catch (error) {
        if (!isNotFound(error)) throw error; // it expired: write it anew
      }
    }
    const created = await client.create(Event, plan.event);
    this.#correlator.written(plan.event, created.metadata.name ?? "");
  }
}

function reference({ apiVersion, kind, metadata }: KubernetesObject): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { kind, ...(namespace ? { namespace } : {}), name, uid, apiVersion, resourceVersion };
}

let last = 0n;
/** A nanosecond stamp in hexadecimal, never the same twice in a process. */
function nextStamp(now: number): string {
  const stamp = BigInt(Math.trunc(now)) * 1_000_000n;
  last = stamp > last ? stamp : last + 1n;
  return last.toString(16);
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new Recorder(options);
}

/** A recorder that writes nothing, for parts that run without one. */
export const silentRecorder: EventRecorder = { event() {}, flush: () => Promise.resolve() };
