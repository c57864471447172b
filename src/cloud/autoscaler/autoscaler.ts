import { DaemonSet } from "../../api/apps/v1/index.ts";
import { Node, Pod } from "../../api/core/v1/index.ts";
import { PodDisruptionBudget } from "../../api/policy/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import { formatDuration } from "../../apimachinery/time.ts";
import { createEventRecorder, type EventRecorder, type Runtime } from "../../client/index.ts";
import type { NodeGroups } from "../provider.ts";
import { NodeLeaver } from "./nodeLeaver.ts";
import { type AutoscalerOptions, DEFAULTS } from "./options.ts";
import { clusterCounts, isHealthy } from "./readiness.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { planScaleDown, type ScaleDownPlan } from "./scaleDown.ts";
import { type Growth, planScaleUp, type ScaleUpPlan } from "./scaleUp.ts";
import { setStage } from "./stage.ts";
import { backOff, type Memory, NOTHING, type Seen } from "./state.ts";
import { statusOf } from "./status.ts";
import { StatusWriter } from "./statusWriter.ts";

export interface ClusterAutoscalerOptions extends Runtime, Partial<AutoscalerOptions> {
  nodeGroups: NodeGroups;
  /** an empty stage, used again for each look */
  rehearsal: Rehearsal;
  /** what the rehearsal reads from the informers */
  reads: readonly Kind[];
}

const WATCHED = [Pod, Node, DaemonSet, PodDisruptionBudget] as unknown as readonly Kind[];
/** While nodes leave, so often is looked whether their Pods have (ms). */
const LEAVING_INTERVAL = 1_000;

/** Keeps the number of nodes to what Pods need, until `signal` aborts. */
export async function runClusterAutoscaler(options: ClusterAutoscalerOptions, signal: AbortSignal): Promise<void> {
  const events = createEventRecorder({ ...options, component: "cluster-autoscaler" });
  const scaler = new ClusterAutoscaler({ ...DEFAULTS, ...options }, events);
  try {
    const kinds = [...WATCHED, ...options.reads];
    await Promise.all(kinds.map((kind) => options.informers.informer(kind).whenSynced(signal)));
    while (!signal.aborted) await options.clock.sleep(await scaler.look(), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await events.flush();
  }
}

class ClusterAutoscaler {
  readonly #options: ClusterAutoscalerOptions & AutoscalerOptions;
  readonly #events: EventRecorder;
  readonly #status: StatusWriter;
  readonly #leaver: NodeLeaver;
  #memory: Memory = NOTHING;
  #nextStatus = Number.NEGATIVE_INFINITY;
  /** what was last said to each helpless Pod, by UID: once is enough */
  #said = new Map<string, string>();

  constructor(options: ClusterAutoscalerOptions & AutoscalerOptions, events: EventRecorder) {
    this.#options = options;
    this.#events = events;
    this.#status = new StatusWriter(options.client, events);
    this.#leaver = new NodeLeaver({ ...options, events, status: this.#status });
  }

  /** One look, and what follows from it; answers after how long the next is due. A cloud that fails is asked again. */
  async look(): Promise<number> {
    const { logger, scanInterval } = this.#options;
    try {
      const leaving = await this.#look();
      return leaving ? Math.min(LEAVING_INTERVAL, scanInterval) : scanInterval;
    } catch (error) {
      logger.error("the cluster's size could not be seen to", { error });
      return scanInterval;
    }
  }

  async #look(): Promise<boolean> {
    const seen = await this.#see();
    const { up, down } = this.#plan(seen);
    this.#memory = { ...this.#memory, awaited: up.awaited, unneeded: down.unneeded };
    const isSafe = isHealthy(clusterCounts(seen, up.awaited, this.#options), this.#options);
    if (isSafe) await this.#act(up, down);
    else this.#status.event("Warning", "ClusterUnhealthy", "Cluster is unhealthy");
    await this.#tell(seen);
    return isSafe && down.leaving.length > 0;
  }

  async #see(): Promise<Seen> {
    const { nodeGroups, informers, clock } = this.#options;
    // first the groups: a node that registers meanwhile is then counted once
    const groups = await nodeGroups.list();
    return {
      now: clock.now(),
      groups,
      nodes: informers.informer(Node).list(),
      pods: informers.informer(Pod).list(),
      daemonSets: informers.informer(DaemonSet).list(),
      budgets: informers.informer(PodDisruptionBudget).list(),
    };
  }

  #plan(seen: Seen) {
    const { rehearsal } = this.#options;
    setStage(seen, rehearsal);
    try {
      const up = planScaleUp(seen, this.#memory, this.#options, rehearsal);
      return { up, down: planScaleDown(seen, this.#memory, this.#options, rehearsal) };
    } finally {
      rehearsal.rollBack(0);
    }
  }

  async #act(up: ScaleUpPlan, { leaving, candidates }: ScaleDownPlan): Promise<void> {
    this.#sayHelpless(up.helpless);
    for (const { group, name } of up.lost) await this.#giveUp(group.id, name);
    // the groups are others now
    if (up.growth && up.lost.length === 0) await this.#grow(up.growth);
    const going = new Set(leaving.map(({ node }) => node));
    await this.#leaver.nominate({ ...candidates, add: candidates.add.filter((node) => !going.has(node)) });
    const kept = await this.#leaver.take(leaving);
    if (kept.length === 0) return;
    const unneeded = new Map([...this.#memory.unneeded].filter(([name]) => !kept.includes(name)));
    this.#memory = { ...this.#memory, unneeded, lastFailed: this.#options.clock.now() };
  }

  #sayHelpless(helpless: ScaleUpPlan["helpless"]): void {
    const said = new Map<string, string>();
    for (const { pod, message } of helpless) {
      const { uid = "" } = pod.metadata;
      if (this.#said.get(uid) !== message) this.#events.event(pod, "Normal", "NotTriggerScaleUp", message);
      said.set(uid, message);
    }
    this.#said = said;
  }

  /** The machine never became a node. */
  async #giveUp(group: string, name: string): Promise<void> {
    const { nodeGroups, provisionTime } = this.#options;
    this.#backOff(
      group,
      "timeout",
      `Scale-up timed out for node group ${group} after ${formatDuration(provisionTime * 1e6)}`,
    );
    const message = `Nodes added to group ${group} failed to register within ${formatDuration(provisionTime * 1e6)}`;
    this.#status.event("Warning", "ScaleUpTimedOut", message);
    try {
      await nodeGroups.giveBack(group, name);
      this.#status.event("Normal", "DeleteUnregistered", `Removed unregistered node ${name}`);
    } catch (error) {
      const why = `Failed to remove node ${name}: ${(error as Error).message}`;
      this.#status.event("Warning", "DeleteUnregisteredFailed", why);
      throw error;
    }
  }

  async #grow({ group, by, pods }: Growth): Promise<void> {
    const { nodeGroups, clock, logger } = this.#options;
    const { id, max, members } = group;
    const size = members.length;
    const change = `[{${id} ${size}->${size + by} (max: ${max})}]`;
    logger.info("the cluster grows", { change, pods: pods.length });
    const sizes = `size set to ${size + by} instead of ${size} (max: ${max})`;
    try {
      await nodeGroups.grow(id, by);
      this.#status.event("Normal", "ScaledUpGroup", `Scale-up: group ${id} ${sizes}`);
      for (const pod of pods)
        this.#events.event(pod, "Normal", "TriggeredScaleUp", `pod triggered scale-up: ${change}`);
    } catch (error) {
      logger.error("the group could not grow", { group: id, error });
      const why = (error as Error).message;
      this.#status.event("Warning", "FailedToScaleUpGroup", `Scale-up failed for group ${id}: ${why}`);
      this.#backOff(id, "cloudProviderError", why);
    }
    this.#memory = { ...this.#memory, lastGrown: clock.now() };
  }

  #backOff(group: string, errorCode: string, errorMessage: string): void {
    const { backoff } = this.#memory;
    const failure = { now: this.#options.clock.now(), errorCode, errorMessage };
    const next = backOff(backoff.get(group), failure, this.#options);
    this.#memory = { ...this.#memory, backoff: new Map(backoff).set(group, next) };
  }

  /** As often as it looks, but not while it only waits for Pods to leave. What is wrong there must not stop the work. */
  async #tell(seen: Seen): Promise<void> {
    if (seen.now < this.#nextStatus) return;
    this.#nextStatus = seen.now + this.#options.scanInterval;
    const options = this.#options;
    try {
      await this.#status.write(statusOf({ seen, memory: this.#memory, options, before: this.#status.status }));
    } catch (error) {
      options.logger.warn("the status could not be written", { error });
    }
  }
}
