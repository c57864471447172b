import {
  CONTROLLER_UID,
  JOB_NAME,
  type Job,
  LEGACY_CONTROLLER_UID,
  LEGACY_JOB_NAME,
} from "../../api/batch/v1/index.ts";
import { labelValue } from "../../apimachinery/validation/names.ts";
import type { Strategy } from "./resource.ts";

/**
 * Unless its author has chosen a selector, a Job knows its Pods by its own UID. What the author wrote under these
 * labels stays, for validation to refuse.
 */
function makeSelector({ metadata, spec }: Job): void {
  const { name = "", uid = "" } = metadata;
  const made = {
    [LEGACY_JOB_NAME]: name,
    [JOB_NAME]: name,
    [LEGACY_CONTROLLER_UID]: uid,
    [CONTROLLER_UID]: uid,
  };
  spec.template.metadata.labels = { ...made, ...spec.template.metadata.labels };
  spec.selector = {
    ...spec.selector,
    matchLabels: { [CONTROLLER_UID]: uid, ...spec.selector?.matchLabels },
  };
}

/** Jobs begin with a selector, and without a status; who deletes one should say what becomes of its Pods. */
export const jobStrategy: Strategy<Job> = {
  prepareCreate(job) {
    job.status = {};
    if (!job.spec.manualSelector) makeSelector(job);
    const { labels } = job.spec.template.metadata;
    // what is wrong with a name is told where it belongs, not again with each label made from it
    const usable = labelValue(job.metadata.name ?? "").length === 0;
    if (usable && labels && Object.keys(job.metadata.labels ?? {}).length === 0) job.metadata.labels = { ...labels };
  },
  orphansByDefault:
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set " +
    "propagationPolicy=Orphan to suppress this warning",
};
