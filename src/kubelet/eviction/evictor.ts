import type { Pod } from "../../api/core/v1/index.ts";
import type { EventRecorder } from "../../client/index.ts";
import type { Clock } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import type { NodeEvent } from "../node/nodeEvents.ts";
import { hasStorageLimit, outgrown } from "./limits.ts";
import { evictionMessage } from "./messages.ts";
import { Pressures } from "./pressure.ts";
import { rank } from "./rank.ts";
import { crossed, mostUrgent, type Observations, type Pressure, resourceOf, type Threshold } from "./signals.ts";
import type { PodUsage } from "./usage.ts";

const INTERVAL = 10_000;

export interface EvictorOptions {
  clock: Clock;
  logger: Logger;
  recorder: EventRecorder;
  thresholds: readonly Threshold[];
  observe(): Promise<Observations>;
  /** the Pods that run here and are not ending yet */
  pods(): readonly Pod[];
  usageOf(pods: readonly Pod[]): Promise<ReadonlyMap<string, PodUsage>>;
  /** removes from the disk what nobody uses */
  reclaimDisk(): Promise<void>;
  evict(uid: string, message: string): void;
  /** tells of the node itself */
  tell(event: NodeEvent): void;
  /** the pressures that `pressures` answers have changed */
  changed(): void;
}

/** Watches what the node has left, and ends Pods before the kernel or a full disk would. */
export class Evictor {
  readonly #options: EvictorOptions;
  readonly #pressures = new Pressures();

  constructor(options: EvictorOptions) {
    this.#options = options;
  }

  get pressures(): ReadonlySet<Pressure> {
    return this.#pressures.current;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    while (!signal.aborted) {
      await this.#round().catch((error: unknown) => {
        if (!signal.aborted) logger.debug("what the node has left could not be read", { error });
      });
      await clock.pause(INTERVAL, signal);
    }
  }

  /** One Pod at a time: the next look tells whether that was enough. */
  async #round(): Promise<void> {
    await this.#endOutgrown();
    let seen = await this.#options.observe();
    let met = this.#note(seen);
    const first = mostUrgent(met);
    if (first) {
      const message = `Attempting to reclaim ${resourceOf(first.signal)}`;
      this.#options.tell({ type: "Warning", reason: "EvictionThresholdMet", message });
    }
    if (met.some(({ signal }) => signal.includes("fs."))) {
      await this.#options.reclaimDisk();
      seen = await this.#options.observe();
      met = this.#note(seen);
    }
    const threshold = mostUrgent(met);
    if (threshold) await this.#endOne(threshold, seen);
  }

  #note(seen: Observations): Threshold[] {
    const { clock, thresholds, changed } = this.#options;
    const met = crossed(thresholds, seen);
    if (this.#pressures.note(met, clock.elapsed())) changed();
    return met;
  }

  async #endOne(threshold: Threshold, seen: Observations): Promise<void> {
    const { logger, pods, usageOf, evict } = this.#options;
    const running = pods();
    const usages = await usageOf(running);
    const candidates = running.map((pod) => ({ pod, usage: usages.get(pod.metadata.uid!)! }));
    const [first] = rank(candidates, resourceOf(threshold.signal));
    logger.warn("the node runs short", { signal: threshold.signal, threshold: threshold.quantity });
    if (!first) return;
    const message = evictionMessage(first, threshold, seen[threshold.signal]!);
    this.#options.recorder.event(first.pod, "Warning", "Evicted", message);
    evict(first.pod.metadata.uid!, message);
  }

  async #endOutgrown(): Promise<void> {
    const { pods, usageOf, evict, recorder } = this.#options;
    const limited = pods().filter(hasStorageLimit);
    if (limited.length === 0) return;
    const usages = await usageOf(limited);
    for (const pod of limited) {
      const message = outgrown(pod, usages.get(pod.metadata.uid!)!);
      if (message === undefined) continue;
      recorder.event(pod, "Warning", "Evicted", message);
      evict(pod.metadata.uid!, message);
    }
  }
}
