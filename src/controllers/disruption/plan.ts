import type { Pod } from "../../api/core/v1/index.ts";
import {
  disruptionConditions,
  type PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
} from "../../api/policy/v1/index.ts";
import type { OwnerReference } from "../../apimachinery/meta.ts";
import { formatTime, parseTime } from "../../apimachinery/time.ts";
import { scaledAmount } from "../amounts.ts";
import { isLeaving, isReady } from "../pods.ts";

/** A Pod whose eviction was granted is expected to begin to go within this time (ms); else it counts again. */
export const GOING_TIMEOUT = 120_000;

/** The object that says how many Pods there shall be; throws when there is none that could say. */
export type ScaleOf = (reference: OwnerReference, pod: Pod) => { uid: string; replicas: number };

export interface Expected {
  expectedPods: number;
  desiredHealthy: number;
  /** Pods that nothing controls: nobody can say how many of them there shall be */
  unmanaged: Pod[];
}

/** How many Pods there shall be, and how many of them must stay healthy. */
export function expectedPods({ spec }: PodDisruptionBudget, pods: readonly Pod[], scaleOf: ScaleOf): Expected {
  const { maxUnavailable, minAvailable } = spec;
  if (maxUnavailable !== undefined) {
    const { expected, unmanaged } = expectedScale(pods, scaleOf);
    const missing = scaledAmount(maxUnavailable, expected, Math.ceil);
    return { expectedPods: expected, desiredHealthy: Math.max(0, expected - missing), unmanaged };
  }
  if (typeof minAvailable === "number") {
    return { expectedPods: pods.length, desiredHealthy: minAvailable, unmanaged: [] };
  }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0, unmanaged: [] };
  const { expected, unmanaged } = expectedScale(pods, scaleOf);
  return { expectedPods: expected, desiredHealthy: scaledAmount(minAvailable, expected, Math.ceil), unmanaged };
}

/** The sum of what the Pods' controllers ask for, each counted once. */
function expectedScale(pods: readonly Pod[], scaleOf: ScaleOf): { expected: number; unmanaged: Pod[] } {
  const replicas = new Map<string, number>();
  const unmanaged: Pod[] = [];
  for (const pod of pods) {
    const reference = pod.metadata.ownerReferences?.find(({ controller }) => controller);
    if (!reference) unmanaged.push(pod);
    else if (!replicas.has(reference.uid)) {
      const scale = scaleOf(reference, pod);
      replicas.set(scale.uid, scale.replicas);
    }
  }
  return { expected: [...replicas.values()].reduce((sum, count) => sum + count, 0), unmanaged };
}

export interface BudgetPlan {
  status: PodDisruptionBudgetStatus;
  /** Pods whose eviction was granted, but that are still there */
  overdue: Pod[];
  /** in how many ms another of those is overdue */
  recheckIn: number | undefined;
}

/** What a budget has left, from the Pods as they are. */
export function planBudget(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  { expectedPods, desiredHealthy }: Expected,
  now: number,
): BudgetPlan {
  const { going, overdue, recheckIn } = disrupted(budget, pods, now);
  const isHealthy = (pod: Pod) => isReady(pod) && !isLeaving(pod) && going[pod.metadata.name ?? ""] === undefined;
  const currentHealthy = pods.filter(isHealthy).length;
  const left = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
  const { generation } = budget.metadata;
  const status: PodDisruptionBudgetStatus = {
    observedGeneration: generation,
    disruptionsAllowed: left,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    disruptedPods: going,
    conditions: budget.status.conditions,
  };
  const conditions = disruptionConditions(status, generation, formatTime(now));
  return { status: { ...status, conditions }, overdue, recheckIn };
}

/** Of the Pods whose eviction was granted, those that are about to go, and those that should have gone. */
function disrupted({ status }: PodDisruptionBudget, pods: readonly Pod[], now: number) {
  const going: Record<string, string> = {};
  const overdue: Pod[] = [];
  let recheckIn: number | undefined;
  for (const pod of pods) {
    const name = pod.metadata.name ?? "";
    const granted = status.disruptedPods?.[name];
    if (!granted || isLeaving(pod)) continue;
    const left = parseTime(granted) + GOING_TIMEOUT - now;
    if (left <= 0) overdue.push(pod);
    else {
      going[name] = granted;
      recheckIn = Math.min(recheckIn ?? left, left);
    }
  }
  return { going, overdue, recheckIn };
}
