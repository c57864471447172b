/** Labels, annotations and the finalizer by which Jobs and their Pods know each other. */
export const CONTROLLER_UID = "batch.kubernetes.io/controller-uid";
export const JOB_NAME = "batch.kubernetes.io/job-name";
/** the same, as they were called before */
export const LEGACY_CONTROLLER_UID = "controller-uid";
export const LEGACY_JOB_NAME = "job-name";
/** both a label and an annotation */
export const COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index";
export const INDEX_FAILURES = "batch.kubernetes.io/job-index-failure-count";
export const INDEX_IGNORED_FAILURES = "batch.kubernetes.io/job-index-ignored-failure-count";
/** keeps a Pod until the Job has counted it */
export const TRACKING_FINALIZER = "batch.kubernetes.io/job-tracking";
/** the time for which a CronJob started a Job */
export const SCHEDULED_TIMESTAMP = "batch.kubernetes.io/cronjob-scheduled-timestamp";
export const JOB_CONTROLLER = "kubernetes.io/job-controller";
