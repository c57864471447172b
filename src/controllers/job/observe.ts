import { type Job, readIndexes, TRACKING_FINALIZER } from "../../api/batch/v1/index.ts";
import type { Pod } from "../../api/core/v1/index.ts";
import { isActive, isLeaving, isReady, isTerminal } from "../pods.ts";
import { judgeFailure } from "./failurePolicy.ts";
import { failuresBefore, hasLimitPerIndex, indexOf, isIndexed } from "./indexes.ts";

/** A Job's Pods, sorted by what they mean for it. */
export interface Observed {
  readonly pods: readonly Pod[];
  /** not ended, and not told to end */
  readonly active: readonly Pod[];
  /** told to end, and not ended */
  readonly terminating: readonly Pod[];
  readonly ready: number;
  /** those that the Job has not finished with: it decides when they may go */
  readonly tracked: readonly Pod[];
  /** tracked, and not in the Job's status yet */
  readonly succeeded: readonly Pod[];
  readonly failed: readonly Pod[];
  /** in Indexed Jobs: recorded, and those of `succeeded` */
  readonly completedIndexes: ReadonlySet<number>;
  /** where each index has its limit */
  readonly failedIndexes: ReadonlySet<number>;
}

export const isTracked = ({ metadata }: Pod): boolean => metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;

/** Only a Pod that has ended makes room for another. */
export const replacesFailedOnly = ({ spec }: Job): boolean => spec.podReplacementPolicy === "Failed";

/** A Pod that is told to end counts as failed, unless the Job wants to see how it ends. */
export function isFailed(job: Job, pod: Pod): boolean {
  if (pod.status.phase === "Failed") return true;
  if (replacesFailedOnly(job)) return false;
  return isLeaving(pod) && pod.status.phase !== "Succeeded";
}

export function observe(job: Job, pods: readonly Pod[]): Observed {
  const { uncountedTerminatedPods: known, completedIndexes, failedIndexes } = job.status;
  const { completions = 0 } = job.spec;
  const recorded = new Set([...(known?.succeeded ?? []), ...(known?.failed ?? [])]);
  const tracked = pods.filter(isTracked);
  const fresh = tracked.filter(
    (pod) => !recorded.has(pod.metadata.uid ?? "") && (!isIndexed(job) || indexOf(job, pod) !== undefined),
  );
  const succeeded = fresh.filter(({ status }) => status.phase === "Succeeded");
  const failed = fresh.filter((pod) => isFailed(job, pod));
  const completed = isIndexed(job) ? readIndexes(completedIndexes, completions) : new Set<number>();
  if (isIndexed(job)) for (const pod of succeeded) completed.add(indexOf(job, pod)!);
  const lost = hasLimitPerIndex(job) ? readIndexes(failedIndexes, completions) : new Set<number>();
  // Pods that had to end with their Job were not their indexes' last try.
  if (hasLimitPerIndex(job) && !isAnnounced(job)) {
    for (const pod of failed) {
      const index = indexOf(job, pod)!;
      if (endsIndex(job, pod) && !completed.has(index)) lost.add(index);
    }
  }
  const active = pods.filter(isActive);
  return {
    pods,
    active,
    terminating: pods.filter((pod) => isLeaving(pod) && !isTerminal(pod)),
    ready: active.filter(isReady).length,
    tracked,
    succeeded,
    failed,
    completedIndexes: completed,
    failedIndexes: lost,
  };
}

/** How the Job ends is decided; its Pods are being ended. */
function isAnnounced({ status }: Job): boolean {
  const types = ["FailureTarget", "SuccessCriteriaMet"];
  return status.conditions?.some(({ type, status }) => types.includes(type) && status === "True") ?? false;
}

/** Whether a failed Pod was its index's last try. */
function endsIndex(job: Job, pod: Pod): boolean {
  const { action } = judgeFailure(job, pod);
  if (action === "FailIndex") return true;
  return action !== "Ignore" && failuresBefore(pod) >= (job.spec.backoffLimitPerIndex ?? 0);
}
