/** How many Pods a Job needs more or fewer, and which. */
import {
  COMPLETION_INDEX,
  INDEX_FAILURES,
  INDEX_IGNORED_FAILURES,
  type Job,
  Job as JobKind,
  TRACKING_FINALIZER,
} from "../../api/batch/v1/index.ts";
import type { Container, Pod } from "../../api/core/v1/index.ts";
import { podFromTemplate } from "../podControl.ts";
import { rankForDeletion } from "../replicaset/ranking.ts";
import { waitOfJob } from "./backoff.ts";
import { countSuccesses } from "./finish.ts";
import { hasLimitPerIndex, indexOf, isIndexed } from "./indexes.ts";
import { type Observed, replacesFailedOnly } from "./observe.ts";
import { failuresAfter, lastFailures, waitOfIndex } from "./retries.ts";

/** At most so many Pods are created or deleted in one go. */
const BURST = 500;
const LONGEST_GENERATED = 58;

export interface PodsPlan {
  create: Pod[];
  delete: readonly Pod[];
  /** look again then: a Pod must wait for its next try */
  wait?: number;
}

const NOTHING: PodsPlan = { create: [], delete: [] };

/** What brings a Job that goes on to the Pods that it should have. */
export function planPods(job: Job, observed: Observed, now: number): PodsPlan {
  if (job.metadata.deletionTimestamp) return NOTHING;
  const { active } = observed;
  if (job.spec.suspend) return { create: [], delete: active.slice(0, BURST) };
  const wanted = wantedActive(job, observed);
  const surplus = surplusPods(job, active, Math.max(0, active.length - wanted), now);
  if (surplus.length > 0) return { create: [], delete: surplus.slice(0, BURST) };
  const leaving = replacesFailedOnly(job) ? observed.terminating.length : 0;
  const missing = Math.min(BURST, wanted - leaving - active.length);
  return missing > 0 ? planCreation(job, observed, missing, now) : NOTHING;
}

function wantedActive(job: Job, observed: Observed): number {
  const { parallelism = 1, completions } = job.spec;
  const successes = countSuccesses(job, observed);
  // Without a number of completions, one success tells the others to come to their end.
  if (completions === undefined) return successes > 0 ? observed.active.length : parallelism;
  const left = completions - successes - (hasLimitPerIndex(job) ? observed.failedIndexes.size : 0);
  return Math.max(0, Math.min(parallelism, left));
}

/** Pods that should not be there (without an index, or with one that another has) and `atLeast` so many in all. */
function surplusPods(job: Job, active: readonly Pod[], atLeast: number, now: number): Pod[] {
  if (atLeast === 0 && (!isIndexed(job) || isOnePerIndex(job, active))) return [];
  const ranked = rankForDeletion(active, active, now);
  if (!isIndexed(job)) return ranked.slice(0, atLeast);
  const taken = new Set<number>();
  const [keep, remove]: [Pod[], Pod[]] = [[], []];
  for (const pod of ranked.toReversed()) {
    const index = indexOf(job, pod);
    const isTwice = index === undefined || taken.has(index);
    if (index !== undefined) taken.add(index);
    (isTwice ? remove : keep).push(pod);
  }
  return [...remove, ...keep.reverse().slice(0, Math.max(0, atLeast - remove.length))];
}

function isOnePerIndex(job: Job, active: readonly Pod[]): boolean {
  const indexes = new Set(active.map((pod) => indexOf(job, pod)));
  return indexes.size === active.length && !indexes.has(undefined);
}

function planCreation(job: Job, observed: Observed, missing: number, now: number): PodsPlan {
  if (!hasLimitPerIndex(job)) {
    const succeeded = observed.pods.filter(({ status }) => status.phase === "Succeeded");
    const failed = observed.pods.filter((pod) => pod.status.phase === "Failed" || observed.failed.includes(pod));
    const wait = waitOfJob(succeeded, failed, now);
    if (wait > 0) return { ...NOTHING, wait };
    if (!isIndexed(job)) return { create: Array.from({ length: missing }, () => newPod(job)), delete: [] };
    return { create: pendingIndexes(job, observed, missing).map((index) => newPod(job, index)), delete: [] };
  }
  const last = lastFailures(job, observed);
  const pending = pendingIndexes(job, observed, missing);
  const waits = pending.map((index) => waitOfIndex(job, last.get(index), now));
  const create = pending.filter((_, i) => waits[i] === 0).map((index) => newPod(job, index, last.get(index)));
  const later = waits.filter((wait) => wait > 0);
  return { create, delete: [], ...(later.length > 0 ? { wait: Math.min(...later) } : {}) };
}

/** The first indexes that nobody works at and that are not done. */
function pendingIndexes(job: Job, observed: Observed, count: number): number[] {
  const { active, terminating, completedIndexes, failedIndexes } = observed;
  const busy = [...active, ...(replacesFailedOnly(job) ? terminating : [])].map((pod) => indexOf(job, pod));
  const taken = new Set([...busy, ...completedIndexes, ...failedIndexes]);
  const pending: number[] = [];
  for (let index = 0; index < (job.spec.completions ?? 0) && pending.length < count; index++) {
    if (!taken.has(index)) pending.push(index);
  }
  return pending;
}

/** A Pod as the Job's template describes it; `replaced` is the one that failed at the same index before. */
export function newPod(job: Job, index?: number, replaced?: Pod): Pod {
  const pod = podFromTemplate(JobKind, job, job.spec.template);
  const finalizers = new Set([...(pod.metadata.finalizers ?? []), TRACKING_FINALIZER]);
  pod.metadata = { ...pod.metadata, finalizers: [...finalizers] };
  return index === undefined ? pod : indexedPod(job, pod, index, replaced);
}

function indexedPod(job: Job, pod: Pod, index: number, replaced: Pod | undefined): Pod {
  const { metadata, spec } = pod;
  const name = job.metadata.name ?? "";
  const suffix = `-${index}-`;
  const annotations: Record<string, string> = { ...metadata.annotations, [COMPLETION_INDEX]: String(index) };
  if (hasLimitPerIndex(job)) {
    const { counted, ignored } = failuresAfter(job, replaced);
    annotations[INDEX_FAILURES] = String(counted);
    if (ignored > 0) annotations[INDEX_IGNORED_FAILURES] = String(ignored);
  }
  return {
    ...pod,
    metadata: {
      ...metadata,
      generateName: `${name.slice(0, LONGEST_GENERATED - suffix.length)}${suffix}`,
      labels: { ...metadata.labels, [COMPLETION_INDEX]: String(index) },
      annotations,
    },
    spec: {
      ...spec,
      hostname: `${name}-${index}`,
      containers: spec.containers.map(withIndex),
      ...(spec.initContainers ? { initContainers: spec.initContainers.map(withIndex) } : {}),
    },
  };
}

const ENV = "JOB_COMPLETION_INDEX";

/** Tells a container its index, unless the template's author has taken the variable for something else. */
function withIndex<C extends Container>(container: C): C {
  if (container.env?.some(({ name }) => name === ENV)) return container;
  const fieldRef = { fieldPath: `metadata.labels['${COMPLETION_INDEX}']` };
  return { ...container, env: [...(container.env ?? []), { name: ENV, valueFrom: { fieldRef } }] };
}
