import type { Pod } from "../../api/core/v1/index.ts";
import { parseTime } from "../../apimachinery/time.ts";
import { isReady, podCondition } from "../pods.ts";

const COST = "controller.kubernetes.io/pod-deletion-cost";

/** What is known of a Pod's node: how many Pods of the same owner run there. */
export interface Candidate {
  pod: Pod;
  companions: number;
}

type Order = (a: Candidate, b: Candidate, now: number) => number;

const PHASE: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[COST];
  return text !== undefined && /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0;
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status.containerStatuses ?? []).map((status) => status.restartCount));
}

/**
 * Younger first; but ages within one power of two (in nanoseconds, as Kubernetes counts) are alike, and the UID decides,
 * so that scaling down does not always hit the newest domain.
 */
function younger(a: string | undefined, b: string | undefined, now: number): number {
  const magnitude = (time: string | undefined) => {
    if (!time) return -1;
    return Math.floor(Math.log2(Math.max(1, (now - parseTime(time)) * 1e6)));
  };
  return magnitude(a) - magnitude(b);
}

const readySince = (pod: Pod) => podCondition(pod, "Ready")?.lastTransitionTime;

/** In this order, the first difference decides who goes first. */
const ORDERS: Order[] = [
  (a, b) => Number(Boolean(a.pod.spec.nodeName)) - Number(Boolean(b.pod.spec.nodeName)),
  (a, b) => (PHASE[a.pod.status.phase ?? ""] ?? 0) - (PHASE[b.pod.status.phase ?? ""] ?? 0),
  (a, b) => Number(isReady(a.pod)) - Number(isReady(b.pod)),
  (a, b) => deletionCost(a.pod) - deletionCost(b.pod),
  (a, b) => b.companions - a.companions,
  (a, b, now) => (isReady(a.pod) && isReady(b.pod) ? younger(readySince(a.pod), readySince(b.pod), now) : 0),
  (a, b) => restarts(b.pod) - restarts(a.pod),
  (a, b, now) => younger(a.pod.metadata.creationTimestamp, b.pod.metadata.creationTimestamp, now),
  (a, b) => ((a.pod.metadata.uid ?? "") < (b.pod.metadata.uid ?? "") ? -1 : 1),
];

/** The Pods in the order in which scaling down deletes them, as documented for ReplicaSets. */
export function rankForDeletion(pods: readonly Pod[], related: readonly Pod[], now: number): Pod[] {
  const perNode = new Map<string, number>();
  for (const { spec } of related) {
    if (spec.nodeName) perNode.set(spec.nodeName, (perNode.get(spec.nodeName) ?? 0) + 1);
  }
  const candidates = pods.map((pod) => ({ pod, companions: perNode.get(pod.spec.nodeName ?? "") ?? 0 }));
  candidates.sort((a, b) => {
    for (const order of ORDERS) {
      const difference = order(a, b, now);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return candidates.map(({ pod }) => pod);
}
