import type { Job } from "../../api/batch/v1/index.ts";
import type { Pod } from "../../api/core/v1/index.ts";
import { isLeaving, isTerminal } from "../pods.ts";
import { judgeFailure } from "./failurePolicy.ts";
import type { Finish } from "./finish.ts";
import { hasLimitPerIndex, indexOf, isIndexed } from "./indexes.ts";
import { isFailed, type Observed } from "./observe.ts";
import { lastFailures } from "./retries.ts";

/** What becomes of a tracked Pod: counted as one or the other, let go without being counted, or held. */
export type Account = "succeeded" | "failed" | "uncounted" | "held";

/**
 * The rule by which each of a Job's tracked Pods is counted once. A Pod is let go only when what it is counted as
 * stands in the Job's stored status; it is added to the counters when it has been let go.
 */
export function accounts(job: Job, observed: Observed, finish: Finish | undefined): Map<Pod, Account> {
  const retried = hasLimitPerIndex(job) && !finish ? lastFailures(job, observed) : new Map<number, Pod>();
  const recorded = new Set(job.status.uncountedTerminatedPods?.failed ?? []);
  return new Map(
    observed.tracked.map((pod) => {
      if (recorded.has(pod.metadata.uid ?? "")) return [pod, "failed"];
      return [pod, accountOf(job, pod, { finish, retried })];
    }),
  );
}

function accountOf(
  job: Job,
  pod: Pod,
  { finish, retried }: { finish: Finish | undefined; retried: ReadonlyMap<number, Pod> },
): Account {
  const index = indexOf(job, pod);
  const isStray = isIndexed(job) && index === undefined;
  if (pod.status.phase === "Succeeded") return isStray ? "uncounted" : "succeeded";
  if (!hasFailed(job, pod, finish)) return isLettingGo(job, pod, finish) ? "uncounted" : "held";
  if (!job.metadata.deletionTimestamp && index !== undefined && retried.get(index) === pod) return "held";
  return isStray || judgeFailure(job, pod).action === "Ignore" ? "uncounted" : "failed";
}

/** When a Job fails, so has each of its Pods that had to end for it; when it succeeds, they have not. */
function hasFailed(job: Job, pod: Pod, finish: Finish | undefined): boolean {
  if (finish?.announced === "SuccessCriteriaMet") return pod.status.phase === "Failed" && !isLeaving(pod);
  if (finish?.announced === "FailureTarget") return isTerminal(pod) || isLeaving(pod);
  return isFailed(job, pod);
}

/** Pods that are going for reasons of the Job's own. */
function isLettingGo(job: Job, pod: Pod, finish: Finish | undefined): boolean {
  if (job.metadata.deletionTimestamp) return true;
  return finish !== undefined && (isLeaving(pod) || isTerminal(pod));
}
