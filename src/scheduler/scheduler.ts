import type { Pod } from "../api/core/v1/index.ts";
import { isConflict, isNotFound } from "../apimachinery/status.ts";
import type { Client } from "../client/client.ts";
import { createEventRecorder, type EventRecorder } from "../client/events.ts";
import type { Informers } from "../client/informer.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";
import { ClusterView } from "./clusterView.ts";
import { defaultConfiguration, type SchedulerConfiguration } from "./config/types.ts";
import { decide } from "./cycle.ts";
import { DeviceBinder } from "./devices/binder.ts";
import { explain, refusingPlugins, type Unfit } from "./fitError.ts";
import type { Reservation } from "./framework.ts";
import { asBound, NodeTable } from "./nodeTable.ts";
import { Nominations } from "./nominations.ts";
import { factsOf, type PodFacts } from "./podFacts.ts";
import { type Failure, PodWriter } from "./podWriter.ts";
import type { Candidate } from "./preemption/choose.ts";
import { evict } from "./preemption/evict.ts";
import { preempt } from "./preemption/preempt.ts";
import { createProfile, type Profile } from "./profile.ts";
import { type Queued, SchedulingQueue } from "./queue.ts";
import { VolumeBinder } from "./volumes/binder.ts";
import { watchCluster } from "./watchCluster.ts";

export interface SchedulerOptions {
  client: Client;
  informers: Informers;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** default: one profile, `default-scheduler`, with all plug-ins */
  configuration?: SchedulerConfiguration;
}

/** How many bindings may be under way at once. */
const BINDINGS = 64;
const NO_NODES = "no nodes available to schedule pods";

/** Assigns Pods to nodes until `signal` aborts. */
export async function runScheduler(options: SchedulerOptions, signal: AbortSignal): Promise<void> {
  const scheduler = new Scheduler(options, signal);
  await scheduler.run();
}

class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #signal: AbortSignal;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #table = new NodeTable();
  readonly #cluster: ClusterView;
  readonly #queue: SchedulingQueue;
  readonly #nominations = new Nominations();
  readonly #recorders: ReadonlyMap<string, EventRecorder>;
  readonly #writers: ReadonlyMap<string, PodWriter>;
  /** placed by us, not yet seen bound in the informer; aborted when it must not be bound any more */
  readonly #assumed = new Map<string, AbortController | undefined>();
  #start = 0;
  #writing = 0;
  #wakeUp: (() => void) | undefined;

  constructor(options: SchedulerOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    const { client, informers, clock, logger } = options;
    const { profiles, podInitialBackoffSeconds, podMaxBackoffSeconds } =
      options.configuration ?? defaultConfiguration();
    this.#cluster = new ClusterView(this.#table, informers);
    const view = this.#cluster.volumes;
    const binders = {
      clock,
      random: options.random,
      volumes: (timeout: number) => new VolumeBinder({ client, informers, clock, view, timeout }),
      devices: new DeviceBinder({ client, informers, clock, view: this.#cluster.devices }),
    };
    this.#profiles = new Map(profiles.map((each) => [each.schedulerName, createProfile(each, binders)]));
    const names = [...this.#profiles.keys()];
    this.#recorders = new Map(names.map((name) => [name, createEventRecorder({ ...options, component: name })]));
    this.#writers = new Map(
      [...this.#recorders].map(([name, events]) => [name, new PodWriter({ client, clock, logger, events, signal })]),
    );
    this.#queue = new SchedulingQueue({
      clock,
      onReady: () => this.#ready(),
      hint: (pod, plugin) => {
        const hint = this.#profileOf(pod).hint(plugin);
        return hint && ((waiting, event) => hint(waiting, event, this.#table));
      },
      gate: (pod) =>
        this.#profileOf(pod)
          .gates.map((plugin) => plugin.gate!(pod))
          .find((why) => why !== undefined),
      initialBackoff: podInitialBackoffSeconds * 1000,
      maxBackoff: podMaxBackoffSeconds * 1000,
    });
  }

  async run(): Promise<void> {
    const stop = await watchCluster(this.#options.informers, this.#signal, {
      table: this.#table,
      queue: this.#queue,
      nominations: this.#nominations,
      isOurs: (pod) => this.#profiles.has(pod.spec.schedulerName ?? ""),
      isAssumed: (key) => this.#assumed.has(key),
      settled: (key) => this.#forgetAssumed(key),
    });
    this.#signal.addEventListener("abort", () => this.#ready(), { once: true });
    await this.#loop();
    stop();
    this.#queue.close();
  }

  #profileOf(pod: Pod): Profile {
    return this.#profiles.get(pod.spec.schedulerName ?? "")!;
  }
  #writerOf(pod: Pod): PodWriter {
    return this.#writers.get(pod.spec.schedulerName ?? "")!;
  }

  async #loop(): Promise<void> {
    while (!this.#signal.aborted) {
      const next = this.#writing < BINDINGS ? this.#queue.take() : undefined;
      if (next) this.#schedule(next);
      else await new Promise<void>((resolve) => (this.#wakeUp = resolve));
    }
  }

  #ready(): void {
    const wakeUp = this.#wakeUp;
    this.#wakeUp = undefined;
    wakeUp?.();
  }

  /** Does some writing; the loop waits when too much of it is under way. */
  #write(work: Promise<unknown>): void {
    this.#writing++;
    void work.finally(() => {
      this.#writing--;
      this.#ready();
    });
  }

  #schedule(queued: Queued): void {
    const pod = factsOf(queued.pod);
    const profile = this.#profileOf(queued.pod);
    const { random } = this.#options;
    const common = { pod, cluster: this.#cluster, nominations: this.#nominations, random };
    const decision = decide({ ...common, profile, start: this.#start });
    this.#start = decision.next;
    if ("nodeName" in decision) return this.#assume(queued, pod, decision.nodeName);
    if ("unfit" in decision) return this.#unfit(queued, pod, decision.unfit);
    this.#queue.park(queued, new Set());
    this.#nominations.remove(pod.key);
    const failure: Failure = { reason: "Unschedulable", message: NO_NODES, nominatedNodeName: "" };
    this.#write(this.#writerOf(queued.pod).report(queued.pod, failure));
  }

  /** The Pod counts on its node from now on; it is bound when all that must come before is done. */
  #assume(queued: Queued, pod: PodFacts, nodeName: string): void {
    const { pod: object } = queued;
    const reservations = this.#profileOf(object).reserves.flatMap(
      (plugin) => plugin.reserve!(pod, nodeName, this.#cluster) ?? [],
    );
    const abort = reservations.length > 0 ? new AbortController() : undefined;
    this.#assumed.set(pod.key, abort);
    this.#table.placePod(object, nodeName);
    this.#nominations.remove(pod.key);
    if (!abort) return this.#write(this.#bind(queued, nodeName));
    const signal = AbortSignal.any([abort.signal, this.#signal]);
    void this.#prepare(queued, nodeName, reservations, signal);
  }

  /** Volumes may take minutes; meanwhile others are scheduled, and the Pod says where it is expected. */
  async #prepare(queued: Queued, nodeName: string, reservations: Reservation[], signal: AbortSignal): Promise<void> {
    const { pod } = queued;
    let isBound = false;
    try {
      if (pod.status.nominatedNodeName !== nodeName) await this.#writerOf(pod).nominate(pod, nodeName);
      for (const reservation of reservations) await prepare(reservation, signal);
      isBound = await this.#bind(queued, nodeName);
    } catch (error) {
      this.#giveBack(queued, (error as Error).message);
    } finally {
      for (const reservation of reservations) await this.#release(reservation, isBound, pod);
    }
  }

  async #release(reservation: Reservation, isBound: boolean, { metadata }: Pod): Promise<void> {
    try {
      await reservation.release(isBound);
    } catch (error) {
      if (this.#signal.aborted || isNotFound(error)) return;
      const pod = `${metadata.namespace}/${metadata.name}`;
      this.#options.logger.warn("could not give back what was held for a pod", {
        pod,
        error: (error as Error).message,
      });
    }
  }

  /** Answers whether it is bound now. */
  async #bind(queued: Queued, nodeName: string): Promise<boolean> {
    const { key } = queued;
    try {
      await this.#writerOf(queued.pod).bind(queued.pod, nodeName);
      return true;
    } catch (error) {
      // A conflict says that the Pod is bound or being deleted; the informer will tell which.
      const isOver = this.#signal.aborted || isNotFound(error) || isConflict(error);
      if (!isOver) this.#options.logger.warn("binding failed", { pod: key, node: nodeName, error });
      this.#giveBack(queued, isOver ? undefined : `binding rejected: ${(error as Error).message}`);
      return false;
    }
  }

  /** The node gets its room back, and the Pod another try unless it is over. */
  #giveBack(queued: Queued, message: string | undefined): void {
    if (!this.#assumed.has(queued.key)) return; // deleted or bound meanwhile: nothing of it is held
    this.#forgetAssumed(queued.key);
    const placed = this.#table.removePod(queued.key);
    if (this.#signal.aborted || message === undefined) return this.#queue.remove(queued.key);
    this.#queue.retry(queued);
    if (placed) this.#queue.happened({ resource: "AssignedPod", old: asBound(placed), new: undefined });
    this.#write(this.#writerOf(queued.pod).report(queued.pod, { reason: "SchedulerError", message }));
  }

  #forgetAssumed(key: string): void {
    this.#assumed.get(key)?.abort(new Error("the pod is bound or gone"));
    this.#assumed.delete(key);
  }

  #unfit(queued: Queued, pod: PodFacts, unfit: Unfit): void {
    const profile = this.#profileOf(queued.pod);
    const context = { plugins: profile.filters, pod, cluster: this.#cluster, nominations: this.#nominations };
    const { random } = this.#options;
    const result =
      profile.preemption &&
      preempt(context, unfit, { budgets: this.#cluster.budgets(), args: profile.preemption, random });
    this.#queue.park(queued, refusingPlugins(unfit));
    const report = (more?: string, nominatedNodeName?: string) =>
      this.#writerOf(queued.pod).report(queued.pod, {
        reason: "Unschedulable",
        message: explain(unfit, more),
        nominatedNodeName,
      });
    if (result && "victims" in result) {
      this.#nominations.nominate(pod, result.nodeName);
      return this.#write(report(undefined, result.nodeName).then(() => this.#makeRoom(queued.pod, pod, result)));
    }
    if (result && !result.keepsNomination) this.#nominations.remove(pod.key);
    this.#write(report(result?.message, result && !result.keepsNomination ? "" : undefined));
  }

  async #makeRoom(preemptor: Pod, { key, priority }: PodFacts, { nodeName, victims }: Candidate): Promise<void> {
    const { client, clock, logger } = this.#options;
    const events = this.#recorders.get(preemptor.spec.schedulerName ?? "")!;
    for (const other of [...this.#nominations.on(nodeName).values()]) {
      // Less important Pods that waited for room here must look elsewhere.
      if (other.key === key || other.priority >= priority) continue;
      this.#nominations.remove(other.key);
      await this.#writerOf(preemptor).nominate(other.pod, "");
    }
    for (const victim of victims.pods) {
      try {
        this.#assumed.get(victim.key)?.abort(new Error("preempted"));
        await evict(victim.pod, preemptor, nodeName, { client, clock, events });
      } catch (error) {
        if (this.#signal.aborted) return;
        logger.warn("could not preempt a pod", { pod: victim.key, preemptor: key, error: (error as Error).message });
        this.#nominations.remove(key);
      }
    }
  }
}

async function prepare(reservation: Reservation, signal: AbortSignal): Promise<void> {
  try {
    await reservation.prepare(signal);
  } catch (error) {
    throw new Error(`running PreBind plugin "${reservation.plugin}": ${(error as Error).message}`);
  }
}
