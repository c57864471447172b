import { isTerminal, type Pod, type PodCondition } from "../api/core/v1/index.ts";
import { parseTime } from "../apimachinery/time.ts";

export { isTerminal };

export const NODE_NAME = "spec.nodeName";
/** Index values of Pods by the node they are bound to. */
export const byNodeName = (pod: Pod): string[] => (pod.spec.nodeName ? [pod.spec.nodeName] : []);

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status.conditions?.find((condition) => condition.type === type);
}

export function isLeaving(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Counts towards the replicas of its controller. */
export function isActive(pod: Pod): boolean {
  return !isTerminal(pod) && !isLeaving(pod);
}

export function isReady(pod: Pod): boolean {
  return podCondition(pod, "Ready")?.status === "True";
}

/** When a Pod will have been ready for `minReadySeconds`, in ms; undefined while it is not ready. */
export function availableAt(pod: Pod, minReadySeconds: number): number | undefined {
  const ready = podCondition(pod, "Ready");
  if (ready?.status !== "True") return undefined;
  if (minReadySeconds === 0) return 0;
  return ready.lastTransitionTime ? parseTime(ready.lastTransitionTime) + minReadySeconds * 1000 : undefined;
}

/** A condition that no probe stands behind. */
export function newPodCondition(condition: Omit<PodCondition, "lastProbeTime">): PodCondition {
  return condition as PodCondition;
}
