export { CronJob, CronJobSchema } from "./cronJob.ts";
export * from "./cronJobMessages.ts";
export { Job, JobSchema } from "./job.ts";
export * from "./jobMessages.ts";
