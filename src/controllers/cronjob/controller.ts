import { CronJob, type CronJobStatus, isTimeZone, Job, type Schedule } from "../../api/batch/v1/index.ts";
import type { ObjectReference } from "../../api/core/v1/index.ts";
import { isAlreadyExists, isNotFound } from "../../apimachinery/status.ts";
import { formatTime, parseTime } from "../../apimachinery/time.ts";
import { after, controller, controllerOf, done, type Outcome, type ReconcileContext } from "../../client/index.ts";
import { isNamespaceLeaving } from "../podControl.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { endOf, jobFor, jobNameFor, outOfHistory } from "./jobs.ts";
import { due, scheduleOf } from "./times.ts";

/** Starts Jobs when their time has come, and keeps some of those that have finished. */
export const cronJobController = controller({
  name: "cronjob",
  for: CronJob,
  owns: [Job],
  workers: 5,
  async reconcile(cronJob, context) {
    const { view } = context;
    const jobs = view.owned(Job, cronJob);
    const status = await followJobs(cronJob, jobs, context);
    const outcome = await start({ ...cronJob, status }, status, context);
    for (const job of outOfHistory(cronJob, jobs)) await deleteJob(cronJob, job, context);
    if (!sameWhenWritten(status, cronJob.status)) {
      await context.client.updateStatus(CronJob, { ...cronJob, status });
    }
    return outcome;
  },
});

type Status = CronJobStatus & { active: ObjectReference[] };

/** The status after what has become of the Jobs that were started. */
async function followJobs(cronJob: CronJob, jobs: readonly Job[], context: ReconcileContext): Promise<Status> {
  const { events } = context;
  const status: Status = { ...cronJob.status, active: [...(cronJob.status.active ?? [])] };
  for (const job of jobs) {
    const { name, uid } = job.metadata;
    const isListed = status.active.some((reference) => reference.uid === uid);
    const end = endOf(job);
    if (!isListed && !end) {
      const text = `Saw a job that the controller did not create or forgot: ${name}`;
      events.event(cronJob, "Warning", "UnexpectedJob", text);
    } else if (isListed && end) {
      status.active = status.active.filter((reference) => reference.uid !== uid);
      events.event(cronJob, "Normal", "SawCompletedJob", `Saw completed job: ${name}, condition: ${end}`);
    }
    const time = end === "Complete" ? job.status.completionTime : undefined;
    if (time && parseTime(time) > parseTime(status.lastSuccessfulTime ?? formatTime(0))) {
      status.lastSuccessfulTime = time;
    }
  }
  await dropMissing(cronJob, status, jobs, context);
  return status;
}

async function dropMissing(
  cronJob: CronJob,
  status: Status,
  jobs: readonly Job[],
  { client, events }: ReconcileContext,
): Promise<void> {
  const known = new Set(jobs.map(({ metadata }) => metadata.uid));
  for (const { uid, name = "", namespace } of status.active.filter((reference) => !known.has(reference.uid))) {
    if (await exists(() => client.get(Job, { namespace, name }), uid)) continue;
    status.active = status.active.filter((reference) => reference.uid !== uid);
    events.event(cronJob, "Normal", "MissingJob", `Active job went missing: ${name}`);
  }
}

async function exists(get: () => Promise<Job>, uid: string | undefined): Promise<boolean> {
  try {
    return (await get()).metadata.uid === uid;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** Starts what is due; adds it to `status`. Answers when to look again. */
async function start(cronJob: CronJob, status: Status, context: ReconcileContext): Promise<Outcome> {
  const { spec, metadata } = cronJob;
  const { clock, events } = context;
  if (metadata.deletionTimestamp || spec.suspend) return done;
  const schedule = readSchedule(cronJob, context);
  if (!schedule) return done;
  const now = clock.now();
  const { time, missedMany, next } = due(cronJob, schedule, now);
  const outcome = next === undefined ? done : after(Math.max(1, next - now));
  if (time === undefined) return outcome;
  if (missedMany) {
    const text = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
    events.event(cronJob, "Warning", "TooManyMissedTimes", text);
  }
  const name = jobNameFor(cronJob, time);
  if (status.active.some((reference) => reference.name === name)) return outcome;
  if (status.lastScheduleTime === formatTime(time)) return outcome;
  if (spec.concurrencyPolicy === "Forbid" && status.active.length > 0) {
    const text = "Not starting job because prior execution is running and concurrency policy is Forbid";
    events.event(cronJob, "Normal", "JobAlreadyActive", text);
    return outcome;
  }
  if (spec.concurrencyPolicy === "Replace") await deleteActive(cronJob, status, context);
  const job = await createJob(cronJob, time, context);
  if (!job) return outcome;
  status.active = [...status.active, referenceTo(job)];
  status.lastScheduleTime = formatTime(time);
  return outcome;
}

function readSchedule(cronJob: CronJob, { events }: ReconcileContext): Schedule | undefined {
  const { schedule, timeZone } = cronJob.spec;
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    const text = `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`;
    events.event(cronJob, "Warning", "UnknownTimeZone", text);
    return undefined;
  }
  try {
    return scheduleOf(cronJob);
  } catch (error) {
    const text = `unparseable schedule: ${JSON.stringify(schedule)} : ${(error as Error).message}`;
    events.event(cronJob, "Warning", "UnparseableSchedule", text);
    return undefined;
  }
}

/** The Job for a time; undefined when it is there already and none of this CronJob's. */
async function createJob(
  cronJob: CronJob,
  time: number,
  { client, events }: ReconcileContext,
): Promise<Job | undefined> {
  const job = jobFor(cronJob, time);
  try {
    const created = await client.create(Job, job);
    events.event(cronJob, "Normal", "SuccessfulCreate", `Created job ${created.metadata.name}`);
    return created;
  } catch (error) {
    if (isNamespaceLeaving(error)) return undefined;
    if (!isAlreadyExists(error)) {
      events.event(cronJob, "Warning", "FailedCreate", `Error creating job: ${(error as Error).message}`);
      throw error;
    }
    // Either somebody else's, or started just before this controller was, and not noted any more.
    const { namespace, name = "" } = job.metadata;
    const there = await client.get(Job, { namespace, name });
    return controllerOf(there) === cronJob.metadata.uid && !endOf(there) ? there : undefined;
  }
}

async function deleteActive(cronJob: CronJob, status: Status, context: ReconcileContext): Promise<void> {
  for (const { namespace, name = "" } of status.active) {
    const job = context.view.get(Job, { namespace, name });
    if (job) await deleteJob(cronJob, job, context);
    status.active = status.active.filter((reference) => reference.name !== name);
  }
}

async function deleteJob(cronJob: CronJob, job: Job, { client, events }: ReconcileContext): Promise<void> {
  const { namespace, name = "", uid } = job.metadata;
  try {
    await client.delete(Job, { namespace, name }, { propagationPolicy: "Background", preconditions: { uid } });
    events.event(cronJob, "Normal", "SuccessfulDelete", `Deleted job ${name}`);
  } catch (error) {
    if (isNotFound(error)) return; // gone already, as wanted
    events.event(cronJob, "Warning", "FailedDelete", `Deleted job: ${(error as Error).message}`);
    throw error;
  }
}

function referenceTo({ metadata }: Job): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { kind: Job.kind, namespace, name, uid, apiVersion: Job.apiVersion, resourceVersion };
}
