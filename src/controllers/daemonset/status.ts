import type { DaemonSet, DaemonSetStatus } from "../../api/apps/v1/index.ts";
import type { Node, Pod } from "../../api/core/v1/index.ts";
import { availableAt, isReady } from "../pods.ts";
import { byNode, isUpdated, oldestFirst, type Present } from "./daemonPods.ts";
import { isAvailable, type Verdict } from "./plan.ts";

/** The status that follows from nodes and Pods: each node counts once, whatever the number of its Pods. */
export function daemonSetStatus(
  set: DaemonSet,
  nodes: ReadonlyMap<Node, Verdict>,
  pods: readonly Pod[],
  { present, collisionCount }: { present: Present; collisionCount: number | undefined },
  now: number,
): DaemonSetStatus {
  const places = byNode(pods);
  const podOn = ({ metadata }: Node) => oldestFirst(places.get(metadata.name ?? "") ?? [])[0];
  const wanted = [...nodes.keys()].filter((node) => nodes.get(node)?.run);
  const misplaced = [...nodes.keys()].filter((node) => !nodes.get(node)?.run).map(podOn);
  const there = wanted.map(podOn).filter((pod) => pod !== undefined);
  const available = there.filter((pod) => isAvailable(set, pod, now)).length;
  return {
    desiredNumberScheduled: wanted.length,
    currentNumberScheduled: there.length,
    numberMisscheduled: misplaced.filter((pod) => pod !== undefined).length,
    numberReady: there.filter(isReady).length,
    updatedNumberScheduled: there.filter((pod) => isUpdated(pod, present)).length,
    numberAvailable: available,
    numberUnavailable: wanted.length - available,
    observedGeneration: set.metadata.generation,
    collisionCount,
    conditions: set.status.conditions,
  };
}

/** In how many ms the next ready Pod becomes available, if any waits for that. */
export function nextAvailable(set: DaemonSet, pods: readonly Pod[], now: number): number | undefined {
  const times = pods
    .map((pod) => availableAt(pod, set.spec.minReadySeconds ?? 0))
    .filter((at) => at !== undefined && at > now) as number[];
  return times.length === 0 ? undefined : Math.min(...times) - now;
}
