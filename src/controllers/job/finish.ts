/** Whether a Job has come to its end, and how. */
import { type Job, parseIndexes, type SuccessPolicyRule } from "../../api/batch/v1/index.ts";
import { parseTime } from "../../apimachinery/time.ts";
import { judgeFailure } from "./failurePolicy.ts";
import { hasLimitPerIndex, isIndexed } from "./indexes.ts";
import { isFailed, type Observed } from "./observe.ts";

export interface Finish {
  /** what is announced before the Job's Pods have gone; Failed or Complete follows */
  readonly announced: "FailureTarget" | "SuccessCriteriaMet";
  readonly reason: string;
  readonly message: string;
}

export const finalOf = ({ announced }: Finish): "Failed" | "Complete" =>
  announced === "FailureTarget" ? "Failed" : "Complete";

export function jobCondition({ status }: Job, type: string) {
  return status.conditions?.find((condition) => condition.type === type && condition.status === "True");
}

export const isFinished = (job: Job): boolean =>
  jobCondition(job, "Complete") !== undefined || jobCondition(job, "Failed") !== undefined;

const failure = (reason: string, message: string): Finish => ({ announced: "FailureTarget", reason, message });

/** What was announced stays; else the first of these that holds. */
export function decideFinish(job: Job, observed: Observed, now: number): Finish | undefined {
  return (
    announced(job) ??
    byPolicy(job, observed) ??
    byLimit(job, observed, now) ??
    byIndexes(job, observed) ??
    completed(job, observed)
  );
}

function announced(job: Job): Finish | undefined {
  for (const type of ["FailureTarget", "SuccessCriteriaMet"] as const) {
    const condition = jobCondition(job, type);
    if (condition) return { announced: type, reason: condition.reason ?? "", message: condition.message ?? "" };
  }
  return undefined;
}

function byPolicy(job: Job, { pods }: Observed): Finish | undefined {
  if (!job.spec.podFailurePolicy) return undefined;
  for (const pod of pods) {
    const message = isFailed(job, pod) ? judgeFailure(job, pod).message : undefined;
    if (message !== undefined) return failure("PodFailurePolicy", message);
  }
  return undefined;
}

/** Failures that are recorded, and those that will be. */
export function countFailures(job: Job, { failed }: Observed): number {
  const { uncountedTerminatedPods: known } = job.status;
  const counted = failed.filter((pod) => judgeFailure(job, pod).action !== "Ignore");
  return (job.status.failed ?? 0) + (known?.failed?.length ?? 0) + counted.length;
}

export function countSuccesses(job: Job, { succeeded, completedIndexes }: Observed): number {
  if (isIndexed(job)) return completedIndexes.size;
  const known = job.status.uncountedTerminatedPods?.succeeded?.length ?? 0;
  return (job.status.succeeded ?? 0) + known + succeeded.length;
}

function byLimit(job: Job, observed: Observed, now: number): Finish | undefined {
  const { backoffLimit = 6 } = job.spec;
  if (countFailures(job, observed) > backoffLimit || restartsExceed(job, observed)) {
    return failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  }
  const left = timeLeft(job, now);
  if (left === undefined || left > 0) return undefined;
  return failure("DeadlineExceeded", "Job was active longer than specified deadline");
}

/** Where the kubelet restarts containers in place, its restarts are the failures. */
function restartsExceed({ spec }: Job, { pods }: Observed): boolean {
  if (spec.template.spec.restartPolicy !== "OnFailure") return false;
  const { backoffLimit = 6 } = spec;
  let restarts = 0;
  for (const { status } of pods) {
    if (status.phase !== "Running" && status.phase !== "Pending") continue;
    for (const one of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
      restarts += one.restartCount ?? 0;
    }
  }
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit;
}

/** In ms; undefined when the Job has no deadline, or its clock does not run. */
export function timeLeft(job: Job, now: number): number | undefined {
  const { spec, status } = job;
  if (spec.activeDeadlineSeconds === undefined || !status.startTime) return undefined;
  if (spec.suspend || jobCondition(job, "Suspended")) return undefined;
  return parseTime(status.startTime) + spec.activeDeadlineSeconds * 1000 - now;
}

function byIndexes(job: Job, { completedIndexes, failedIndexes }: Observed): Finish | undefined {
  if (!isIndexed(job)) return undefined;
  const { maxFailedIndexes, completions = 0, successPolicy } = job.spec;
  if (hasLimitPerIndex(job)) {
    if (maxFailedIndexes !== undefined && failedIndexes.size > maxFailedIndexes) {
      const message = "Job has exceeded the specified maximal number of failed indexes";
      return failure("MaxFailedIndexesExceeded", message);
    }
    if (failedIndexes.size > 0 && failedIndexes.size + completedIndexes.size >= completions) {
      return failure("FailedIndexes", "Job has failed indexes");
    }
  }
  const met = (successPolicy?.rules ?? []).findIndex((rule) => isMet(rule, completions, completedIndexes));
  if (met < 0) return undefined;
  return { announced: "SuccessCriteriaMet", reason: "SuccessPolicy", message: `Matched rules at index ${met}` };
}

function isMet(
  { succeededIndexes, succeededCount }: SuccessPolicyRule,
  completions: number,
  done: ReadonlySet<number>,
): boolean {
  if (succeededIndexes === undefined) return done.size >= (succeededCount ?? 0);
  const asked = parseIndexes(succeededIndexes, completions);
  let [total, found] = [0, 0];
  for (const [first, last] of asked) {
    total += last - first + 1;
    for (let index = first; index <= last; index++) if (done.has(index)) found++;
  }
  return found >= (succeededCount ?? total);
}

/** Enough have succeeded, and nothing runs any more. */
function completed(job: Job, observed: Observed): Finish | undefined {
  if (observed.active.length > 0) return undefined;
  const successes = countSuccesses(job, observed);
  const { completions } = job.spec;
  if (completions === undefined ? successes === 0 : successes < completions) return undefined;
  const message = "Reached expected number of succeeded pods";
  return { announced: "SuccessCriteriaMet", reason: "CompletionsReached", message };
}
