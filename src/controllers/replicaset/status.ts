import type { ReplicaSetStatus } from "../../api/apps/v1/index.ts";
import type { Pod } from "../../api/core/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { sameStatusAndReason, withCondition, withoutCondition } from "../conditions.ts";
import { availableAt, isActive, isLeaving, isReady, isTerminal } from "../pods.ts";
import type { Replicas } from "./replicas.ts";

/** The counts and conditions, as ReplicaSets have them: no other kind has more. */
export type ReplicasStatus = ReplicaSetStatus;

/** Why Pods could not be brought to the wanted number. */
export interface ReplicaFailure {
  reason: "FailedCreate" | "FailedDelete";
  message: string;
}

/** The status that follows from the Pods, and what went wrong at the last attempt to change their number. */
export function replicasStatus(
  owner: Replicas,
  pods: readonly Pod[],
  failure: ReplicaFailure | undefined,
  now: number,
): ReplicasStatus {
  const { template, minReadySeconds = 0 } = owner.spec;
  const active = pods.filter(isActive);
  const wanted = Object.entries(template?.metadata.labels ?? {});
  const labelled = active.filter((pod) => wanted.every(([key, value]) => pod.metadata.labels?.[key] === value));
  const available = active.filter((pod) => (availableAt(pod, minReadySeconds) ?? Number.POSITIVE_INFINITY) <= now);
  const status: ReplicasStatus = {
    replicas: active.length,
    fullyLabeledReplicas: labelled.length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: available.length,
    terminatingReplicas: pods.filter((pod) => isLeaving(pod) && !isTerminal(pod)).length,
    observedGeneration: owner.metadata.generation,
    conditions: failureConditions(owner, failure, now),
  };
  return status;
}

function failureConditions(owner: Replicas, failure: ReplicaFailure | undefined, now: number) {
  const { conditions } = owner.status;
  if (!failure) return withoutCondition(conditions, "ReplicaFailure");
  const condition = { type: "ReplicaFailure", status: "True", lastTransitionTime: formatTime(now), ...failure };
  return withCondition(conditions, condition, sameStatusAndReason);
}

/** In how many ms the next ready Pod becomes available, if any waits for that. */
export function nextAvailable(owner: Replicas, pods: readonly Pod[], now: number): number | undefined {
  const { minReadySeconds = 0 } = owner.spec;
  let next: number | undefined;
  for (const pod of pods.filter(isActive)) {
    const at = availableAt(pod, minReadySeconds);
    if (at !== undefined && at > now) next = Math.min(next ?? Number.POSITIVE_INFINITY, at - now);
  }
  return next;
}
