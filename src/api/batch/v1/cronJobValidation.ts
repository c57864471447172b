import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import type { CronJob } from "./cronJob.ts";
import type { JobTemplateSpec } from "./cronJobMessages.ts";
import { shownSelector } from "./jobDump.ts";
import { nonNegative } from "./jobPolicyValidation.ts";
import { jobSpecWarnings, nameWarnings, validateJobSpec } from "./jobValidation.ts";
import { isTimeZone, parseSchedule } from "./schedule.ts";

const SPEC = root.child("spec");
const POLICIES = ["Allow", "Forbid", "Replace"];
/** Jobs are called `<cronjob>-<minutes since 1970>`, in at most 63 characters. */
const LONGEST_NAME = 52;

export function validateCronJob({ spec }: CronJob): FieldError[] {
  const { startingDeadlineSeconds, successfulJobsHistoryLimit, failedJobsHistoryLimit } = spec;
  return [
    ...validateSchedule(spec.schedule, SPEC.child("schedule")),
    ...nonNegative(startingDeadlineSeconds, SPEC.child("startingDeadlineSeconds")),
    ...validatePolicy(spec.concurrencyPolicy, SPEC.child("concurrencyPolicy")),
    ...validateJobTemplate(spec.jobTemplate, SPEC.child("jobTemplate")),
    ...nonNegative(successfulJobsHistoryLimit, SPEC.child("successfulJobsHistoryLimit")),
    ...nonNegative(failedJobsHistoryLimit, SPEC.child("failedJobsHistoryLimit")),
  ];
}

export function validateCronJobCreate({ metadata, spec }: CronJob): FieldError[] {
  const { name = "" } = metadata;
  const errors = [...validateTimeZone(spec.timeZone, SPEC.child("timeZone")), ...refuseZoneInSchedule(spec.schedule)];
  if (name.length <= LONGEST_NAME) return errors;
  return [
    ...errors,
    fieldInvalid(root.child("metadata", "name"), name, `must be no more than ${LONGEST_NAME} characters`),
  ];
}

/** A zone that was valid once, and a schedule that had a zone in it once, may stay. */
export function validateCronJobUpdate({ spec }: CronJob, old: CronJob): FieldError[] {
  const sameZone = spec.timeZone === old.spec.timeZone;
  const errors = sameZone ? [] : validateTimeZone(spec.timeZone, SPEC.child("timeZone"));
  if (!old.spec.schedule.includes("TZ")) return [...errors, ...refuseZoneInSchedule(spec.schedule)];
  if (!spec.schedule.includes("TZ") || spec.timeZone === undefined) return errors;
  const why = "cannot use both timeZone field and TZ or CRON_TZ in schedule";
  return [...errors, fieldInvalid(SPEC.child("schedule"), spec.schedule, why)];
}

function validateSchedule(schedule: string, path: FieldPath): FieldError[] {
  if (schedule === "") return [fieldRequired(path)];
  try {
    parseSchedule(schedule);
    return [];
  } catch (error) {
    return [fieldInvalid(path, schedule, (error as Error).message)];
  }
}

function refuseZoneInSchedule(schedule: string): FieldError[] {
  if (!schedule.includes("TZ")) return [];
  const why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
  return [fieldInvalid(SPEC.child("schedule"), schedule, why)];
}

function validateTimeZone(zone: string | undefined, path: FieldPath): FieldError[] {
  if (zone === undefined) return [];
  if (zone === "") return [fieldInvalid(path, zone, "timeZone must be nil or non-empty string")];
  if (zone.toLowerCase() === "local") {
    const why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
    return [fieldInvalid(path, zone, why)];
  }
  return isTimeZone(zone) ? [] : [fieldInvalid(path, zone, `unknown time zone ${zone}`)];
}

function validatePolicy(policy: string | undefined, path: FieldPath): FieldError[] {
  if (!policy) return [fieldRequired(path)];
  return POLICIES.includes(policy) ? [] : [fieldNotSupported(path, policy, POLICIES)];
}

/** A Job's selector is always made anew. */
function validateJobTemplate({ spec }: JobTemplateSpec, path: FieldPath): FieldError[] {
  const errors = validateJobSpec(spec, path.child("spec"));
  const { selector, manualSelector } = spec;
  if (selector !== undefined) {
    errors.push(
      fieldInvalid(path.child("spec", "selector"), shownSelector(selector), "`selector` will be auto-generated"),
    );
  }
  if (manualSelector) {
    errors.push(fieldNotSupported(path.child("spec", "manualSelector"), manualSelector, ["nil", "false"]));
  }
  return errors;
}

export function cronJobWarnings({ metadata, spec }: CronJob, old?: CronJob): string[] {
  const zoned = spec.schedule.includes("TZ")
    ? [
        "cannot use TZ or CRON_TZ in spec.schedule, use timeZone instead, see " +
          "https://kubernetes.io/docs/tasks/job/automated-tasks-with-cron-jobs/ for more details",
      ]
    : [];
  return [
    ...(old ? [] : nameWarnings(metadata.name ?? "")),
    ...jobSpecWarnings(spec.jobTemplate.spec, "spec.jobTemplate.spec"),
    ...zoned,
  ];
}
