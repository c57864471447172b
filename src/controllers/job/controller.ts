import { Job, type JobStatus, readIndexes } from "../../api/batch/v1/index.ts";
import { Pod } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import {
  after,
  controller,
  controllerOf,
  done,
  type Outcome,
  type ReconcileContext,
  watch,
} from "../../client/index.ts";
import { claim, indexOrphans } from "../ownership.ts";
import { createPods, deletePods, isNamespaceLeaving } from "../podControl.ts";
import { isActive } from "../pods.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { type Account, accounts } from "./account.ts";
import { decideFinish, type Finish, isFinished, timeLeft } from "./finish.ts";
import { indexOf, isIndexed } from "./indexes.ts";
import { isTracked, type Observed, observe } from "./observe.ts";
import { type PodsPlan, planPods } from "./plan.ts";
import { jobStatus } from "./status.ts";
import { indexTracked, isManagedHere, jobKeyOf, releaseStrays, track, untrack } from "./tracking.ts";

/** Runs a Job's Pods until enough have succeeded or too many have failed, and counts each of them once. */
export const jobController = controller({
  name: "job",
  for: Job,
  owns: [Pod],
  // Pods that nobody controls: a Job may adopt them, or has left them with its finalizer.
  watches: [watch(Pod, (pod) => (controllerOf(pod) ? [] : [jobKeyOf(pod)]), concernsJobs)],
  workers: 10,
  prepare(view) {
    indexOrphans(view, Pod);
    indexTracked(view);
  },
  async reconcile(job, context) {
    const { client, view, clock } = context;
    await releaseStrays(job.metadata as { name: string }, view, client);
    if (!isManagedHere(job) || isFinished(job) || !job.spec.selector) return done;
    const selector = labelSelector(job.spec.selector);
    const pods = await claim({ client, view, ownerKind: Job, owner: job, kind: Pod, selector });
    const observed = observe(job, pods);
    const finish = decideFinish(job, observed, clock.now());
    const plan = finish ? { create: [], delete: observed.active } : planPods(job, observed, clock.now());
    const counted = accounts(job, observed, finish);
    const status = jobStatus(job, { observed, accounts: counted, finish }, clock.now());
    const acts = plan.create.length + plan.delete.length > 0;
    const written = await writeStatus(job, status, acts, context);
    await release(written, counted, context);
    return carryOut(written, { observed, finish, plan, status }, context);
  },
  gone: (key, { view, client }) => releaseStrays(key, view, client),
});

function concernsJobs(pod: Pod, old: Pod): boolean {
  const matters = (one: Pod) => [one.metadata.labels, controllerOf(one), isTracked(one), isActive(one)];
  return !deepEqual(matters(pod), matters(old));
}

/**
 * What a Pod is counted as must be stored before the Pod is let go. Mere numbers of Pods that run can wait when
 * something is about to be done: that changes them again, and wakes the Job.
 */
async function writeStatus(job: Job, status: JobStatus, acts: boolean, context: ReconcileContext): Promise<Job> {
  const numbers = acts
    ? { active: 0, ready: 0, terminating: 0, startTime: job.status.startTime && status.startTime }
    : {};
  if (sameWhenWritten({ ...status, ...numbers }, { ...job.status, ...numbers })) return job;
  const written = await context.client.updateStatus(Job, { ...job, status });
  tell(job, written, context);
  return written;
}

/** Events for conditions that have just become true. */
function tell(old: Job, job: Job, { events }: ReconcileContext): void {
  for (const { type, status, reason = "", message = "" } of job.status.conditions ?? []) {
    const before = old.status.conditions?.find((condition) => condition.type === type);
    if (before?.status === status) continue;
    if (type === "Suspended") events.event(job, "Normal", status === "True" ? "Suspended" : "Resumed", message);
    if (type === "Failed") events.event(job, "Warning", reason, message);
    if (type !== "Complete") continue;
    const { completions } = job.spec;
    if (completions !== undefined && (job.status.succeeded ?? 0) > completions) {
      const why = "Too many succeeded pods running after completion count reached";
      events.event(job, "Warning", "TooManySucceededPods", why);
    }
    events.event(job, "Normal", "Completed", "Job completed");
  }
}

/** Lets go of the Pods whose account is settled in the stored status. */
async function release(job: Job, counted: ReadonlyMap<Pod, Account>, { client }: ReconcileContext): Promise<void> {
  const { uncountedTerminatedPods: listed, completedIndexes } = job.status;
  const uids = new Set([...(listed?.succeeded ?? []), ...(listed?.failed ?? [])]);
  const indexes = isIndexed(job) ? readIndexes(completedIndexes, job.spec.completions ?? 0) : new Set<number>();
  const settled = [...counted].filter(([pod, account]) => {
    if (account === "held") return false;
    if (account === "uncounted" || uids.has(pod.metadata.uid ?? "")) return true;
    const index = account === "succeeded" ? indexOf(job, pod) : undefined;
    return index !== undefined && indexes.has(index);
  });
  await Promise.all(settled.map(([pod]) => untrack(pod, client)));
}

interface Work {
  readonly observed: Observed;
  readonly finish: Finish | undefined;
  readonly plan: PodsPlan;
  readonly status: JobStatus;
}

async function carryOut(
  job: Job,
  { observed, finish, plan, status }: Work,
  context: ReconcileContext,
): Promise<Outcome> {
  const { client, clock } = context;
  if (!finish) {
    // What goes because the Job has no use for it has neither succeeded nor failed. What was adopted is counted, too.
    await Promise.all(plan.delete.map((pod) => untrack(pod, client)));
    const leaving = new Set(plan.delete);
    const adopted = observed.pods.filter((pod) => isActive(pod) && !isTracked(pod) && !leaving.has(pod));
    await Promise.all(adopted.map((pod) => track(pod, client)));
  }
  const failed = (await deletePods(plan.delete, job, context)) ?? (await createPods(plan.create, job, context));
  if (failed) {
    await writeStatus(job, status, false, context);
    if (!isNamespaceLeaving(failed.error)) throw failed.error;
  }
  const waits = [plan.wait, finish ? undefined : timeLeft({ ...job, status }, clock.now())];
  const next = waits.filter((wait): wait is number => wait !== undefined && wait > 0);
  return next.length > 0 ? after(Math.min(...next)) : done;
}
