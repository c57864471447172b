import { type Binding, Node, Pod } from "../api/core/v1/index.ts";
import { deepEqual } from "../apimachinery/equal.ts";
import { isConflict, isNotFound } from "../apimachinery/status.ts";
import { formatTime } from "../apimachinery/time.ts";
import type { Client } from "../client/client.ts";
import { createEventRecorder, type EventRecorder } from "../client/events.ts";
import type { Informers } from "../client/informer.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";
import { decide } from "./cycle.ts";
import { NodeTable, ownerOf } from "./nodeTable.ts";
import { podDemand } from "./podDemand.ts";
import { SchedulingQueue } from "./queue.ts";

export interface SchedulerOptions {
  client: Client;
  informers: Informers;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Only Pods whose `spec.schedulerName` is this are scheduled. */
  schedulerName?: string;
}

/** How many bindings may be under way at once. */
const BINDINGS = 64;

/** Assigns Pods to nodes until `signal` aborts. */
export async function runScheduler(options: SchedulerOptions, signal: AbortSignal): Promise<void> {
  const scheduler = new Scheduler(options, signal);
  await scheduler.run();
}

class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #signal: AbortSignal;
  readonly #name: string;
  readonly #table = new NodeTable();
  readonly #queue: SchedulingQueue;
  readonly #events: EventRecorder;
  /** placed by us, not yet seen bound in the informer */
  readonly #assumed = new Set<string>();
  #start = 0;
  #binding = 0;
  #wakeUp: (() => void) | undefined;

  constructor(options: SchedulerOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#name = options.schedulerName ?? "default-scheduler";
    this.#queue = new SchedulingQueue({ clock: options.clock, onReady: () => this.#ready() });
    this.#events = createEventRecorder({ ...options, component: this.#name });
  }

  async run(): Promise<void> {
    const nodes = this.#options.informers.informer(Node);
    const pods = this.#options.informers.informer(Pod);
    try {
      await Promise.all([nodes.whenSynced(this.#signal), pods.whenSynced(this.#signal)]);
    } catch (error) {
      if (this.#signal.aborted) return;
      throw error;
    }
    const stop = [
      nodes.subscribe({
        added: (node) => this.#nodeChanged(node),
        updated: (node, old) => this.#nodeChanged(node, old),
        deleted: (node) => this.#table.removeNode(node.metadata.name!),
      }),
      pods.subscribe({
        added: (pod) => this.#podChanged(pod, undefined),
        updated: (pod, old) => this.#podChanged(pod, old),
        deleted: (pod) => this.#podGone(pod),
      }),
    ];
    this.#signal.addEventListener("abort", () => this.#ready(), { once: true });
    await this.#loop();
    for (const unsubscribe of stop) unsubscribe();
    this.#queue.close();
  }

  async #loop(): Promise<void> {
    while (!this.#signal.aborted) {
      const next = this.#binding < BINDINGS ? this.#queue.take() : undefined;
      if (next) this.#schedule(next.key, next.pod);
      else await new Promise<void>((resolve) => (this.#wakeUp = resolve));
    }
  }

  #ready(): void {
    const wakeUp = this.#wakeUp;
    this.#wakeUp = undefined;
    wakeUp?.();
  }

  #schedule(key: string, pod: Pod): void {
    const demand = podDemand(pod);
    const decision = decide({ pod, demand, table: this.#table, random: this.#options.random, start: this.#start });
    this.#start = (this.#start + 1) % Math.max(1, this.#table.slots);
    this.#binding++;
    const done = () => {
      this.#binding--;
      this.#ready();
    };
    if ("nodeName" in decision) {
      this.#table.placePod(key, decision.nodeName, demand, ownerOf(pod));
      this.#assumed.add(key);
      void this.#bind(key, pod, decision.nodeName).finally(done);
    } else {
      this.#queue.park(key, pod);
      void this.#reportUnschedulable(pod, decision.unschedulable).finally(done);
    }
  }

  async #bind(key: string, pod: Pod, nodeName: string): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    const binding: Binding = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name, namespace, uid },
      target: { apiVersion: "v1", kind: "Node", name: nodeName },
    };
    try {
      await this.#options.client.createSubresource(Pod, { namespace, name: name! }, "binding", binding);
      this.#events.event(pod, "Normal", "Scheduled", `Successfully assigned ${key} to ${nodeName}`, {
        action: "Binding",
      });
    } catch (error) {
      this.#assumed.delete(key);
      this.#table.removePod(key);
      if (this.#signal.aborted || isNotFound(error)) return;
      this.#options.logger.warn("binding failed", { pod: key, node: nodeName, error });
      // A conflict says that the Pod is bound or being deleted; the informer will tell which.
      if (!isConflict(error)) this.#queue.retry(key, pod);
    }
  }

  async #reportUnschedulable(pod: Pod, message: string): Promise<void> {
    const { client, clock, logger } = this.#options;
    this.#events.event(pod, "Warning", "FailedScheduling", message, { action: "Scheduling" });
    const old = pod.status.conditions?.find((condition) => condition.type === "PodScheduled");
    if (old?.status === "False" && old.reason === "Unschedulable" && old.message === message) return;
    const condition = {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message,
      observedGeneration: pod.metadata.generation,
      lastProbeTime: null,
      lastTransitionTime: old?.status === "False" ? old.lastTransitionTime : formatTime(clock.now()),
    };
    const key = { namespace: pod.metadata.namespace, name: pod.metadata.name! };
    try {
      await client.patch(Pod, key, "strategic", { status: { conditions: [condition] } }, { subresource: "status" });
    } catch (error) {
      if (!this.#signal.aborted && !isNotFound(error)) {
        logger.warn("could not report a pod as unschedulable", { pod: keyOf(pod), error });
      }
    }
  }

  #nodeChanged(node: Node, old?: Node): void {
    if (old && offersTheSame(old, node)) return;
    this.#table.setNode(node);
    this.#queue.wake();
  }

  #podChanged(pod: Pod, old: Pod | undefined): void {
    const key = keyOf(pod);
    if (old && old.metadata.uid !== pod.metadata.uid) this.#podGone(old);
    if (pod.spec.nodeName) return this.#podBound(key, pod, old);
    if (pod.metadata.deletionTimestamp || pod.spec.schedulerName !== this.#name) return this.#queue.remove(key);
    if (pod.spec.schedulingGates?.length || this.#assumed.has(key)) return;
    // Our own report of a failure changes the status only, and must not make the Pod try again at once.
    if (old && sameWishes(old, pod)) this.#queue.refresh(key, pod);
    else this.#queue.add(key, pod);
  }

  #podBound(key: string, pod: Pod, old: Pod | undefined): void {
    if (old?.spec.nodeName && takesTheSame(old, pod)) return;
    this.#queue.remove(key);
    this.#assumed.delete(key);
    if (pod.status.phase === "Succeeded" || pod.status.phase === "Failed") {
      this.#table.removePod(key);
      return this.#queue.wake();
    }
    this.#table.placePod(key, pod.spec.nodeName!, podDemand(pod), ownerOf(pod));
  }

  #podGone(pod: Pod): void {
    const key = keyOf(pod);
    this.#queue.remove(key);
    this.#assumed.delete(key);
    this.#table.removePod(key);
    if (pod.spec.nodeName) this.#queue.wake();
  }
}

function keyOf(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

function sameWishes(a: Pod, b: Pod): boolean {
  return (
    a.metadata.generation === b.metadata.generation &&
    !a.spec.schedulingGates?.length === !b.spec.schedulingGates?.length
  );
}

/** Heartbeats change a node's status without changing what it offers to Pods. */
function offersTheSame(a: Node, b: Node): boolean {
  return (
    a.metadata.uid === b.metadata.uid &&
    deepEqual(a.spec, b.spec) &&
    deepEqual(a.metadata.labels, b.metadata.labels) &&
    deepEqual(a.status.allocatable, b.status.allocatable) &&
    deepEqual(a.status.images, b.status.images)
  );
}

/** A bound Pod's status changes often; what it takes from its node changes only with its spec, or when it ends. */
function takesTheSame(a: Pod, b: Pod): boolean {
  return (
    a.metadata.uid === b.metadata.uid &&
    a.metadata.generation === b.metadata.generation &&
    a.status.phase === b.status.phase
  );
}
