/** The Jobs of a CronJob: what they look like, and which of them are kept. */
import {
  type CronJob,
  CronJob as CronJobKind,
  Job,
  type JobStatus,
  SCHEDULED_TIMESTAMP,
  zonedTime,
} from "../../api/batch/v1/index.ts";
import { controllerReference } from "../ownership.ts";

const MINUTE = 60_000;

/** One time has one name: a Job that was started for it is not started again. */
export function jobNameFor({ metadata }: CronJob, time: number): string {
  return `${metadata.name}-${Math.floor(time / MINUTE)}`;
}

export function jobFor(cronJob: CronJob, time: number): Job {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: Job.apiVersion,
    kind: Job.kind,
    metadata: {
      name: jobNameFor(cronJob, time),
      namespace: cronJob.metadata.namespace,
      ...(metadata.labels ? { labels: metadata.labels } : {}),
      annotations: { ...metadata.annotations, [SCHEDULED_TIMESTAMP]: zonedTime(cronJob.spec.timeZone ?? "UTC", time) },
      ownerReferences: [controllerReference(CronJobKind, cronJob)],
    },
    spec,
    status: {},
  } as Job;
}

/** How a Job has ended; undefined while it has not. */
export function endOf({ status }: { status: JobStatus }): "Complete" | "Failed" | undefined {
  const end = status.conditions?.find(
    ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
  );
  return end?.type as "Complete" | "Failed" | undefined;
}

/** Finished Jobs beyond what the history keeps, the oldest first. */
export function outOfHistory({ spec }: CronJob, jobs: readonly Job[]): Job[] {
  const limits = { Complete: spec.successfulJobsHistoryLimit, Failed: spec.failedJobsHistoryLimit };
  return (["Complete", "Failed"] as const).flatMap((end) => {
    const limit = limits[end];
    const finished = jobs.filter((job) => endOf(job) === end && !job.metadata.deletionTimestamp).sort(byStart);
    return limit === undefined ? [] : finished.slice(0, Math.max(0, finished.length - limit));
  });
}

function byStart(a: Job, b: Job): number {
  const [x, y] = [a, b].map(({ status, metadata }) => `${status.startTime ?? "9"} ${metadata.name}`);
  return x! < y! ? -1 : 1;
}
