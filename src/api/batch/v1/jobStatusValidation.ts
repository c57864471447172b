import { deepEqual } from "../../../apimachinery/equal.ts";
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { parseTime } from "../../../apimachinery/time.ts";
import { readIndexes } from "./indexes.ts";
import type { Job } from "./job.ts";
import type { JobStatus } from "./jobMessages.ts";
import { indexesIn, invalidWhole, nonNegative } from "./jobPolicyValidation.ts";

const STATUS = root.child("status");
const CONDITIONS = STATUS.child("conditions");

function has({ conditions }: JobStatus, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}
const isFinished = (status: JobStatus) => has(status, "Complete") || has(status, "Failed");

/**
 * What a status that another controller writes must keep to. A rule is asked only when what it is about has changed,
 * so that what is stored can always be written again.
 */
export function validateJobStatusUpdate(job: Job, old: Job): FieldError[] {
  const { active, succeeded, failed, ready, terminating } = job.status;
  return [
    ...Object.entries({ active, succeeded, failed, ready, terminating }).flatMap(([name, value]) =>
      nonNegative(value, STATUS.child(name)),
    ),
    ...validateUncounted(job.status),
    ...validateConditions(job.status, old.status),
    ...validateTimes(job, old),
    ...validateFinished(job.status, old.status),
    ...validateIndexes(job, old),
    ...validateProgress(job, old),
  ];
}

function validateUncounted({ uncountedTerminatedPods: pods }: JobStatus): FieldError[] {
  const seen = new Set<string>();
  return (["succeeded", "failed"] as const).flatMap((list) =>
    (pods?.[list] ?? []).flatMap((uid, i) => {
      const at = STATUS.child("uncountedTerminatedPods", list).index(i);
      if (uid === "") return [fieldInvalid(at, uid, "must not be empty")];
      if (seen.has(uid)) return [fieldDuplicate(at, uid)];
      seen.add(uid);
      return [];
    }),
  );
}

/** Pairs that contradict each other, and what must have been announced before. */
const EXCLUSIVE: readonly (readonly [string, string, string])[] = [
  ["Complete", "Failed", "cannot set Complete=True and Failed=true conditions"],
  ["Complete", "FailureTarget", "cannot set Complete=True and FailureTarget=true conditions"],
  ["Failed", "SuccessCriteriaMet", "cannot set Failed=True and SuccessCriteriaMet=true conditions"],
  ["FailureTarget", "SuccessCriteriaMet", "cannot set FailureTarget=True and SuccessCriteriaMet=true conditions"],
];
const TERMINAL = ["Failed", "Complete", "FailureTarget"];

function validateConditions(status: JobStatus, old: JobStatus): FieldError[] {
  const turned = (type: string) => has(status, type) && !has(old, type);
  const errors: FieldError[] = [];
  for (const [one, other, why] of EXCLUSIVE) {
    if (has(status, one) && has(status, other) && (turned(one) || turned(other))) {
      errors.push(invalidWhole(CONDITIONS, why));
    }
  }
  if (turned("Failed") && !has(status, "FailureTarget")) {
    errors.push(invalidWhole(CONDITIONS, "cannot set Failed=True condition without the FailureTarget=true condition"));
  }
  if (turned("Complete") && !has(status, "SuccessCriteriaMet")) {
    const why = "cannot set Complete=True condition without the SuccessCriteriaMet=true condition";
    errors.push(invalidWhole(CONDITIONS, why));
  }
  for (const type of TERMINAL) {
    if (has(old, type) && !has(status, type)) {
      errors.push(invalidWhole(CONDITIONS, `cannot disable the terminal ${type}=True condition`));
    }
  }
  if (has(old, "SuccessCriteriaMet") && !has(status, "SuccessCriteriaMet")) {
    errors.push(invalidWhole(CONDITIONS, "cannot disable the SuccessCriteriaMet=True condition"));
  }
  return errors;
}

function validateTimes({ status, spec }: Job, { status: old }: Job): FieldError[] {
  const errors: FieldError[] = [];
  const [start, completion] = [STATUS.child("startTime"), STATUS.child("completionTime")];
  const complete = has(status, "Complete");
  const changed = status.completionTime !== old.completionTime || complete !== has(old, "Complete");
  if (changed && status.completionTime !== undefined && !complete) {
    const why = "cannot set completionTime when there is no Complete=True condition";
    errors.push(fieldInvalid(completion, status.completionTime, why));
  }
  if (changed && status.completionTime === undefined && complete) {
    errors.push(fieldRequired(completion, "completionTime is required for Complete jobs"));
  }
  if (changed && status.completionTime && status.startTime) {
    if (parseTime(status.completionTime) < parseTime(status.startTime)) {
      errors.push(fieldInvalid(completion, status.completionTime, "completionTime cannot be set before startTime"));
    }
  }
  if (old.completionTime && status.completionTime && status.completionTime !== old.completionTime) {
    errors.push(fieldInvalid(completion, status.completionTime, "field is immutable"));
  }
  // resuming a Job starts its clock anew
  if (old.startTime && status.startTime !== old.startTime && !spec.suspend && !has(old, "Suspended")) {
    errors.push(
      status.startTime === undefined
        ? fieldRequired(start, "startTime cannot be removed for unsuspended job")
        : fieldInvalid(start, status.startTime, "startTime cannot be updated for unsuspended job"),
    );
  }
  return errors;
}

/** Who is finished has nothing left that runs, or that must be counted. */
function validateFinished(status: JobStatus, old: JobStatus): FieldError[] {
  if (!isFinished(status)) return [];
  const errors: FieldError[] = [];
  const turned = !isFinished(old);
  const { active = 0, terminating = 0, uncountedTerminatedPods: pods } = status;
  const changed = (field: keyof JobStatus) => turned || !deepEqual(status[field], old[field]);
  if (active > 0 && changed("active")) {
    errors.push(fieldInvalid(STATUS.child("active"), active, "active>0 is invalid for finished job"));
  }
  if (terminating > 0 && changed("terminating")) {
    errors.push(fieldInvalid(STATUS.child("terminating"), terminating, "terminating>0 is invalid for finished job"));
  }
  if (status.startTime === undefined && changed("startTime")) {
    errors.push(fieldRequired(STATUS.child("startTime"), "startTime is required for finished job"));
  }
  const uncounted = (pods?.failed?.length ?? 0) + (pods?.succeeded?.length ?? 0);
  if (uncounted > 0 && changed("uncountedTerminatedPods")) {
    const shown = { Succeeded: pods?.succeeded ?? null, Failed: pods?.failed ?? null };
    const why = "uncountedTerminatedPods needs to be empty for finished job";
    errors.push(fieldInvalid(STATUS.child("uncountedTerminatedPods"), shown, why));
  }
  return errors;
}

function validateIndexes({ spec, status }: Job, { status: old }: Job): FieldError[] {
  const { completedIndexes = "", failedIndexes } = status;
  const [completed, failed] = [STATUS.child("completedIndexes"), STATUS.child("failedIndexes")];
  const errors: FieldError[] = [];
  const newCompleted = completedIndexes !== (old.completedIndexes ?? "");
  const newFailed = failedIndexes !== old.failedIndexes;
  const check = (path: FieldPath, name: string, text: string) => {
    const { error } = indexesIn(text, spec.completions ?? 0);
    if (error) errors.push(fieldInvalid(path, text, `error parsing ${name}: ${error}`));
  };
  if (newCompleted && completedIndexes !== "") {
    if (spec.completionMode === "Indexed") check(completed, "completedIndexes", completedIndexes);
    else {
      const why = "cannot set non-empty completedIndexes when non-indexed completion mode";
      errors.push(fieldInvalid(completed, completedIndexes, why));
    }
  }
  if (newFailed && failedIndexes !== undefined) {
    if (spec.backoffLimitPerIndex !== undefined) check(failed, "failedIndexes", failedIndexes);
    else {
      const why = "cannot set non-null failedIndexes when backoffLimitPerIndex is null";
      errors.push(fieldInvalid(failed, failedIndexes, why));
    }
  }
  if (errors.length === 0 && (newCompleted || newFailed)) errors.push(...validateOverlap({ spec, status } as Job));
  return errors;
}

function validateOverlap({ spec, status }: Job): FieldError[] {
  const { completions = 0 } = spec;
  const completed = readIndexes(status.completedIndexes, completions);
  const twice = [...readIndexes(status.failedIndexes, completions)].find((index) => completed.has(index));
  if (twice === undefined) return [];
  const why = `failedIndexes and completedIndexes overlap at index: ${twice}`;
  return [fieldInvalid(STATUS.child("failedIndexes"), status.failedIndexes, why)];
}

/** Counters only grow; those of succeeded Pods may shrink with an Indexed Job. */
function validateProgress({ spec, status }: Job, { status: old }: Job): FieldError[] {
  const errors: FieldError[] = [];
  const { ready = 0, active = 0, failed = 0, succeeded = 0 } = status;
  if (ready > active && (ready !== (old.ready ?? 0) || active !== (old.active ?? 0))) {
    errors.push(fieldInvalid(STATUS.child("ready"), ready, "cannot set more ready pods than active"));
  }
  if (failed < (old.failed ?? 0)) {
    errors.push(fieldInvalid(STATUS.child("failed"), failed, "cannot decrease the failed counter"));
  }
  if (spec.completionMode !== "Indexed" && succeeded < (old.succeeded ?? 0)) {
    errors.push(fieldInvalid(STATUS.child("succeeded"), succeeded, "cannot decrease the succeeded counter"));
  }
  return errors;
}
