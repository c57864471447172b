export { CronJob, CronJobSchema } from "./cronJob.ts";
export * from "./cronJobMessages.ts";
export { countIndexes, type Interval, parseIndexes, readIndexes, writeIndexes } from "./indexes.ts";
export { Job, JobSchema } from "./job.ts";
export * from "./jobLabels.ts";
export * from "./jobMessages.ts";
export * from "./jobPolicyMessages.ts";
export { isTimeZone, parseSchedule, type Schedule } from "./schedule.ts";
export { zonedTime } from "./wallClock.ts";
