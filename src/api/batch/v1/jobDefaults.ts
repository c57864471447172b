import { podTemplateDefaults } from "../../core/v1/defaults/pod.ts";
import type { Job } from "./job.ts";
import type { JobSpec } from "./jobMessages.ts";

const MOST_INT32 = 2147483647;
const TOLERATED_FAILURES = 6;

export function jobDefaults({ metadata, spec }: Job): void {
  jobTemplateDefaults(spec);
  // who says neither wants one Pod to succeed
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? TOLERATED_FAILURES : MOST_INT32;
  spec.completionMode ??= "NonIndexed";
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed";
  spec.manualSelector ??= false;
  const { labels } = spec.template.metadata;
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}

/** Defaults that a Job's specification gets wherever it stands: in a Job or in a CronJob. */
export function jobTemplateDefaults(spec: JobSpec): void {
  podTemplateDefaults(spec.template);
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= "True";
  }
}
