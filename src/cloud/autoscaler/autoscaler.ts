import { DaemonSet } from "../../api/apps/v1/index.ts";
import { Node, Pod } from "../../api/core/v1/index.ts";
import { type Eviction, PodDisruptionBudget } from "../../api/policy/v1/index.ts";
import { isConflict, isNotFound, StatusError } from "../../apimachinery/status.ts";
import { createEventRecorder, type EventRecorder, type Runtime } from "../../client/index.ts";
import type { NodeGroup, NodeGroups } from "../provider.ts";
import { type AutoscalerOptions, DEFAULTS } from "./options.ts";
import { type Leaving, planScaleDown } from "./scaleDown.ts";
import { type Growth, planScaleUp, type ScaleUpPlan } from "./scaleUp.ts";
import { LEAVING, type Memory, NOTHING, type Seen } from "./state.ts";

export interface ClusterAutoscalerOptions extends Runtime, Partial<AutoscalerOptions> {
  nodeGroups: NodeGroups;
}

const WATCHED = [Pod, Node, DaemonSet, PodDisruptionBudget] as const;
/** While nodes leave, so often is looked whether their Pods have (ms). */
const LEAVING_INTERVAL = 1_000;

/** Keeps the number of nodes to what Pods need, until `signal` aborts. */
export async function runClusterAutoscaler(options: ClusterAutoscalerOptions, signal: AbortSignal): Promise<void> {
  const events = createEventRecorder({ ...options, component: "cluster-autoscaler" });
  const scaler = new ClusterAutoscaler({ ...DEFAULTS, ...options }, events);
  try {
    await Promise.all(WATCHED.map((kind) => options.informers.informer<Pod>(kind as never).whenSynced(signal)));
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
  #memory: Memory = NOTHING;
  /** what was last said to each helpless Pod, by UID: once is enough */
  #said = new Map<string, string>();

  constructor(options: ClusterAutoscalerOptions & AutoscalerOptions, events: EventRecorder) {
    this.#options = options;
    this.#events = events;
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
    const up = planScaleUp(seen, this.#memory, this.#options);
    const down = planScaleDown(seen, this.#memory, this.#options, up.rooms);
    this.#memory = { ...this.#memory, awaited: up.awaited, unneeded: down.unneeded };
    this.#sayHelpless(up.helpless);
    for (const { group, name } of up.lost) await this.#options.nodeGroups.giveBack(group.id, name);
    if (up.growth) await this.#grow(up.growth);
    for (const step of down.leaving) await this.#leave(step);
    return down.leaving.length > 0;
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

  #sayHelpless(helpless: ScaleUpPlan["helpless"]): void {
    const said = new Map<string, string>();
    for (const { pod, message } of helpless) {
      const { uid = "" } = pod.metadata;
      if (this.#said.get(uid) !== message) this.#events.event(pod, "Normal", "NotTriggerScaleUp", message);
      said.set(uid, message);
    }
    this.#said = said;
  }

  async #grow({ group, by, pods }: Growth): Promise<void> {
    const { nodeGroups, clock, logger, backoff } = this.#options;
    const size = group.members.length;
    const change = `[{${group.id} ${size}->${size + by} (max: ${group.max})}]`;
    logger.info("the cluster grows", { change, pods: pods.length });
    for (const pod of pods) this.#events.event(pod, "Normal", "TriggeredScaleUp", `pod triggered scale-up: ${change}`);
    try {
      await nodeGroups.grow(group.id, by);
    } catch (error) {
      logger.error("the group could not grow", { group: group.id, error });
      const until = new Map(this.#memory.backoff).set(group.id, clock.now() + backoff);
      this.#memory = { ...this.#memory, backoff: until };
    }
    this.#memory = { ...this.#memory, lastGrown: clock.now() };
  }

  async #leave(leaving: Leaving): Promise<void> {
    const { group, node } = leaving;
    if (leaving.step === "mark") await this.#mark(node);
    else if (leaving.step === "evict") await Promise.all(leaving.pods.map((pod) => this.#evict(pod)));
    else if (leaving.step === "giveBack") await this.#giveBack(group, node);
    else await this.#keep(node);
  }

  async #mark(node: Node): Promise<void> {
    const { client, clock, logger } = this.#options;
    const value = String(Math.floor(clock.now() / 1000));
    const taints = [...(node.spec.taints ?? []), { key: LEAVING, value, effect: "NoSchedule" as const }];
    await client.update(Node, { ...node, spec: { ...node.spec, taints } }).catch(onceMoreLater);
    logger.info("the node is not needed", { node: node.metadata.name });
    this.#events.event(node, "Normal", "ScaleDown", "marked the node as toBeDeleted/unschedulable");
  }

  /** A budget may say no: then the next look asks again. */
  async #evict(pod: Pod): Promise<void> {
    const { namespace = "", name = "", uid } = pod.metadata;
    const body: Eviction = {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { namespace, name },
      deleteOptions: { preconditions: { uid } },
    };
    try {
      await this.#options.client.createSubresource(Pod, { namespace, name }, "eviction", body);
      this.#events.event(pod, "Normal", "ScaleDown", "deleting pod for node scale down");
    } catch (error) {
      const isRefused = error instanceof StatusError && error.status.code === 429;
      if (!isRefused) onceMoreLater(error);
    }
  }

  async #giveBack(group: NodeGroup, node: Node): Promise<void> {
    await this.#options.nodeGroups.giveBack(group.id, node.metadata.name!);
    this.#options.logger.info("the node was given back", { node: node.metadata.name });
    this.#events.event(node, "Normal", "ScaleDown", "node removed by cluster autoscaler");
  }

  async #keep(node: Node): Promise<void> {
    const taints = node.spec.taints?.filter(({ key }) => key !== LEAVING);
    await this.#options.client.update(Node, { ...node, spec: { ...node.spec, taints } }).catch(onceMoreLater);
    this.#events.event(node, "Warning", "ScaleDownFailed", "failed to drain the node, aborting ScaleDown");
    const unneeded = new Map(this.#memory.unneeded);
    unneeded.delete(node.metadata.name!);
    this.#memory = { ...this.#memory, unneeded };
  }
}

/** What changed or went meanwhile is seen at the next look. */
function onceMoreLater(error: unknown): void {
  if (!isConflict(error) && !isNotFound(error)) throw error;
}
