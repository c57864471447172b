import type { Job } from "../../api/batch/v1/index.ts";
import type { Pod } from "../../api/core/v1/index.ts";
import { finishedAt, waitAfter } from "./backoff.ts";
import { judgeFailure } from "./failurePolicy.ts";
import { failuresBefore, ignoredFailuresBefore, indexOf } from "./indexes.ts";
import type { Observed } from "./observe.ts";

/**
 * With a limit per index, the last failed Pod of each index is held until its replacement is there: how often the index
 * has failed is written on the Pods themselves, so that it outlives this controller.
 */
export function lastFailures(
  job: Job,
  { active, failed, completedIndexes, failedIndexes }: Observed,
): Map<number, Pod> {
  const busy = new Set(active.map((pod) => indexOf(job, pod)));
  const last = new Map<number, Pod>();
  for (const pod of failed) {
    const index = indexOf(job, pod)!;
    if (busy.has(index) || completedIndexes.has(index) || failedIndexes.has(index)) continue;
    const known = last.get(index);
    if (!known || isLater(pod, known)) last.set(index, pod);
  }
  return last;
}

const allBefore = (pod: Pod) => failuresBefore(pod) + ignoredFailuresBefore(pod);

function isLater(pod: Pod, than: Pod): boolean {
  return allBefore(pod) >= allBefore(than) && finishedAt(pod) >= finishedAt(than);
}

/** How often an index has failed once its last Pod is counted. */
export function failuresAfter(job: Job, last: Pod | undefined): { counted: number; ignored: number } {
  if (!last) return { counted: 0, ignored: 0 };
  const [counted, ignored] = [failuresBefore(last), ignoredFailuresBefore(last)];
  if (judgeFailure(job, last).action === "Ignore") return { counted, ignored: ignored + 1 };
  return { counted: counted + 1, ignored };
}

/** How long an index must wait for its next try. */
export function waitOfIndex(job: Job, last: Pod | undefined, now: number): number {
  if (!last) return 0;
  const { counted, ignored } = failuresAfter(job, last);
  return waitAfter(counted + ignored, finishedAt(last), now);
}
