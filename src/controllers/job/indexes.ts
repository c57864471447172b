import { COMPLETION_INDEX, INDEX_FAILURES, INDEX_IGNORED_FAILURES, type Job } from "../../api/batch/v1/index.ts";
import type { Pod } from "../../api/core/v1/index.ts";

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === "Indexed";
/** Each index has a limit of its own to its failures. */
export const hasLimitPerIndex = (job: Job): boolean => isIndexed(job) && job.spec.backoffLimitPerIndex !== undefined;

function count(pod: Pod, annotation: string): number {
  const text = pod.metadata.annotations?.[annotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
}

/** The index that a Pod works at; undefined when it has none, or one that the Job does not have (any more). */
export function indexOf(job: Job, { metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[COMPLETION_INDEX];
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const index = Number(text);
  return index < (job.spec.completions ?? 0) ? index : undefined;
}

/** How often the Pod's index had failed before the Pod came. */
export const failuresBefore = (pod: Pod): number => count(pod, INDEX_FAILURES);
export const ignoredFailuresBefore = (pod: Pod): number => count(pod, INDEX_IGNORED_FAILURES);
