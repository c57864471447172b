import { Node, Pod } from "../../api/core/v1/index.ts";
import type { Eviction } from "../../api/policy/v1/index.ts";
import { isConflict, isNotFound, StatusError } from "../../apimachinery/status.ts";
import type { EventRecorder, Runtime } from "../../client/index.ts";
import type { NodeGroup, NodeGroups } from "../provider.ts";
import type { Leaving, ScaleDownPlan } from "./scaleDown.ts";
import { CANDIDATE, LEAVING } from "./state.ts";
import type { StatusWriter } from "./statusWriter.ts";

export interface NodeLeaverOptions extends Pick<Runtime, "client" | "clock" | "logger"> {
  nodeGroups: NodeGroups;
  events: EventRecorder;
  status: StatusWriter;
}

/** Takes the steps by which a node leaves: marked, emptied, given back; or kept after all. */
export class NodeLeaver {
  readonly #options: NodeLeaverOptions;

  constructor(options: NodeLeaverOptions) {
    this.#options = options;
  }

  /** Answers which nodes are kept, by name. */
  async take(steps: readonly Leaving[]): Promise<string[]> {
    const kept: string[] = [];
    for (const leaving of steps) {
      const { group, node } = leaving;
      if (leaving.step === "mark") await this.#mark(leaving);
      else if (leaving.step === "evict") await Promise.all(leaving.pods.map((pod) => this.#evict(pod)));
      else if (leaving.step === "giveBack") await this.#giveBack(group, node);
      else {
        await this.#keep(node);
        kept.push(node.metadata.name!);
      }
    }
    return kept;
  }

  /** Says of nodes that they may go, or that they stay after all. */
  async nominate({ add, drop }: ScaleDownPlan["candidates"]): Promise<void> {
    const value = String(Math.floor(this.#options.clock.now() / 1000));
    const taint = { key: CANDIDATE, value, effect: "PreferNoSchedule" as const };
    for (const node of add) await this.#setTaints(node, [...(node.spec.taints ?? []), taint]);
    for (const node of drop) await this.#setTaints(node, without(node, CANDIDATE));
  }

  async #setTaints(node: Node, taints: Node["spec"]["taints"]): Promise<void> {
    await this.#options.client.update(Node, { ...node, spec: { ...node.spec, taints } }).catch(onceMoreLater);
  }

  async #mark({ node, moving, utilization }: Extract<Leaving, { step: "mark" }>): Promise<void> {
    const { clock, logger, events, status } = this.#options;
    const { name } = node.metadata;
    const value = String(Math.floor(clock.now() / 1000));
    await this.#setTaints(node, [...without(node, CANDIDATE), { key: LEAVING, value, effect: "NoSchedule" }]);
    logger.info("the node is not needed", { node: name });
    if (moving.length === 0) status.event("Normal", "ScaleDownEmpty", `Scale-down: removing empty node "${name}"`);
    else {
      const pods = moving.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(",");
      const use = `utilization: ${utilization.toFixed(2)}, pods to reschedule: ${pods}`;
      status.event("Normal", "ScaleDown", `Scale-down: removing node ${name}, ${use}`);
    }
    events.event(node, "Normal", "ScaleDown", "marked the node as toBeDeleted/unschedulable");
  }

  /** A budget may say no: then the next look asks again. */
  async #evict(pod: Pod): Promise<void> {
    const { client, events } = this.#options;
    const { namespace = "", name = "", uid } = pod.metadata;
    const body: Eviction = {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { namespace, name },
      deleteOptions: { preconditions: { uid } },
    };
    try {
      await client.createSubresource(Pod, { namespace, name }, "eviction", body);
      events.event(pod, "Normal", "ScaleDown", "deleting pod for node scale down");
    } catch (error) {
      const isRefused = error instanceof StatusError && error.status.code === 429;
      if (!isRefused) onceMoreLater(error);
    }
  }

  async #giveBack(group: NodeGroup, node: Node): Promise<void> {
    const { nodeGroups, logger, events } = this.#options;
    try {
      await nodeGroups.giveBack(group.id, node.metadata.name!);
    } catch (error) {
      events.event(node, "Warning", "ScaleDownFailed", `failed to delete empty node: ${(error as Error).message}`);
      throw error;
    }
    logger.info("the node was given back", { node: node.metadata.name });
    events.event(node, "Normal", "ScaleDown", "node removed by cluster autoscaler");
  }

  async #keep(node: Node): Promise<void> {
    await this.#setTaints(node, without(node, LEAVING));
    this.#options.events.event(node, "Warning", "ScaleDownFailed", "failed to drain the node, aborting ScaleDown");
  }
}

const without = ({ spec }: Node, key: string) => (spec.taints ?? []).filter((taint) => taint.key !== key);

/** What changed or went meanwhile is seen at the next look. */
function onceMoreLater(error: unknown): void {
  if (!isConflict(error) && !isNotFound(error)) throw error;
}
