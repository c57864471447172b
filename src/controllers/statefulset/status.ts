import type { StatefulSet, StatefulSetStatus } from "../../api/apps/v1/index.ts";
import type { Pod } from "../../api/core/v1/index.ts";
import { availableAt, isLeaving, isReady } from "../pods.ts";
import { replicasOf, revisionOf } from "./identity.ts";
import { isAvailable } from "./plan.ts";

export interface Revisions {
  current: string;
  update: string;
  collisionCount: number | undefined;
}

/** The status that follows from the Pods. */
export function statefulSetStatus(
  set: StatefulSet,
  pods: readonly Pod[],
  { current, update, collisionCount }: Revisions,
  now: number,
): StatefulSetStatus {
  const staying = pods.filter((pod) => !isLeaving(pod));
  const count = (holds: (pod: Pod) => boolean, of = pods) => of.filter(holds).length;
  const status: StatefulSetStatus = {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: count((pod) => pod.status.phase === "Running" && isReady(pod)),
    availableReplicas: count((pod) => isAvailable(set, pod, now)),
    currentReplicas: count((pod) => revisionOf(pod) === current, staying),
    updatedReplicas: count((pod) => revisionOf(pod) === update, staying),
    currentRevision: current,
    updateRevision: update,
    // Kubernetes counts from the first status on
    collisionCount: collisionCount ?? 0,
    conditions: set.status.conditions,
  };
  return isUpdated(set, status)
    ? { ...status, currentRevision: update, currentReplicas: status.updatedReplicas }
    : status;
}

/** A rolling update is over when every Pod is of the new revision and ready. */
function isUpdated(set: StatefulSet, { replicas, readyReplicas, updatedReplicas }: StatefulSetStatus): boolean {
  const wanted = replicasOf(set);
  const rolls = set.spec.updateStrategy.type === "RollingUpdate";
  return rolls && updatedReplicas === wanted && readyReplicas === wanted && replicas === wanted;
}

/** In how many ms the next ready Pod becomes available, if any waits for that. */
export function nextAvailable(set: StatefulSet, pods: readonly Pod[], now: number): number | undefined {
  const times = pods
    .map((pod) => availableAt(pod, set.spec.minReadySeconds ?? 0))
    .filter((at) => at !== undefined && at > now) as number[];
  return times.length === 0 ? undefined : Math.min(...times) - now;
}
