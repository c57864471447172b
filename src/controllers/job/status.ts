import { type Job, type JobCondition, type JobStatus, writeIndexes } from "../../api/batch/v1/index.ts";
import type { Pod } from "../../api/core/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { Account } from "./account.ts";
import { type Finish, finalOf, jobCondition } from "./finish.ts";
import { hasLimitPerIndex, isIndexed } from "./indexes.ts";
import type { Observed } from "./observe.ts";

/** The status lists no more than so many Pods; the others wait until these are counted. */
const MOST_UNCOUNTED = 500;

export interface Decided {
  readonly observed: Observed;
  readonly accounts: ReadonlyMap<Pod, Account>;
  readonly finish: Finish | undefined;
}

/**
 * The status that follows from what is observed. Pods that were let go since it was last written move from the list of
 * uncounted ones into the counters; Pods that are to be let go next are listed.
 */
export function jobStatus(job: Job, decided: Decided, now: number): JobStatus {
  const { observed, finish } = decided;
  const counted = count(job, decided);
  const status: JobStatus = {
    ...job.status,
    ...counted,
    conditions: job.status.conditions,
    startTime: job.status.startTime ?? (job.spec.suspend ? undefined : formatTime(now)),
    active: observed.active.length,
    ready: observed.ready,
    terminating: observed.terminating.length,
  };
  if (finish) announce(status, finish, now);
  else if (!job.metadata.deletionTimestamp) followSuspension(job, status, now);
  if (finish && isDrained(status)) conclude(status, finish, now);
  return status;
}

type Counted = Pick<
  JobStatus,
  "succeeded" | "failed" | "uncountedTerminatedPods" | "completedIndexes" | "failedIndexes"
>;

function count(job: Job, { observed, accounts }: Decided): Counted {
  const { status } = job;
  const held = new Set(observed.tracked.map(({ metadata }) => metadata.uid));
  const known = status.uncountedTerminatedPods;
  const stillHeld = (list: readonly string[] | undefined) => (list ?? []).filter((uid) => held.has(uid));
  const [succeeded, failed] = [stillHeld(known?.succeeded), stillHeld(known?.failed)];
  const gone = (list: readonly string[] | undefined, left: readonly string[]) => (list?.length ?? 0) - left.length;
  const counters = {
    succeeded: (status.succeeded ?? 0) + gone(known?.succeeded, succeeded),
    failed: (status.failed ?? 0) + gone(known?.failed, failed),
  };
  const indexed = isIndexed(job);
  const { completedIndexes } = observed;
  for (const [{ metadata }, account] of accounts) {
    if (succeeded.length + failed.length >= MOST_UNCOUNTED) break;
    const list = account === "failed" ? failed : account === "succeeded" && !indexed ? succeeded : undefined;
    if (list && !list.includes(metadata.uid ?? "")) list.push(metadata.uid ?? "");
  }
  return {
    ...counters,
    // an index is recorded by itself: that is enough not to count it twice
    ...(indexed && { succeeded: completedIndexes.size, completedIndexes: writeIndexes(completedIndexes) }),
    ...(hasLimitPerIndex(job) && { failedIndexes: writeIndexes(observed.failedIndexes) }),
    uncountedTerminatedPods: {
      ...(succeeded.length > 0 && { succeeded }),
      ...(failed.length > 0 && { failed }),
    },
  };
}

const condition = (type: string, status: string, { reason, message }: Omit<Finish, "announced">, now: number) =>
  ({
    type,
    status,
    lastProbeTime: formatTime(now),
    lastTransitionTime: formatTime(now),
    reason,
    message,
  }) as JobCondition;

function has(status: JobStatus, type: string): boolean {
  return status.conditions?.some((one) => one.type === type && one.status === "True") ?? false;
}

function announce(status: JobStatus, finish: Finish, now: number): void {
  if (has(status, finish.announced)) return;
  status.conditions = [...(status.conditions ?? []), condition(finish.announced, "True", finish, now)];
}

function followSuspension(job: Job, status: JobStatus, now: number): void {
  const isSuspended = jobCondition(job, "Suspended") !== undefined;
  if (isSuspended === (job.spec.suspend ?? false)) return;
  const others = (status.conditions ?? []).filter(({ type }) => type !== "Suspended");
  const told = isSuspended
    ? condition("Suspended", "False", { reason: "JobResumed", message: "Job resumed" }, now)
    : condition("Suspended", "True", { reason: "JobSuspended", message: "Job suspended" }, now);
  status.conditions = [...others, told];
  // The time for which it may be active begins anew.
  if (isSuspended) status.startTime = formatTime(now);
}

/** Nothing runs any more, and nothing is left to be counted. */
function isDrained({ active, terminating, uncountedTerminatedPods: left }: JobStatus): boolean {
  return active === 0 && terminating === 0 && !left?.succeeded?.length && !left?.failed?.length;
}

function conclude(status: JobStatus, finish: Finish, now: number): void {
  const final = finalOf(finish);
  if (final === "Complete") status.completionTime = formatTime(now);
  status.conditions = [...(status.conditions ?? []), condition(final, "True", finish, now)];
}
