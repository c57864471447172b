import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, int32, int64, list, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { ObjectReference } from "../../core/v1/references.ts";
import { JobSpec } from "./jobMessages.ts";

export const JobTemplateSpec = message("io.k8s.api.batch.v1.JobTemplateSpec", {
  metadata: struct(1, ObjectMeta).optional,
  spec: struct(2, JobSpec).optional,
});
export interface JobTemplateSpec extends Infer<typeof JobTemplateSpec> {}

export const CronJobSpec = message("io.k8s.api.batch.v1.CronJobSpec", {
  schedule: string(1).always.required,
  startingDeadlineSeconds: int64(2).optional,
  concurrencyPolicy: string(3),
  suspend: bool(4).optional,
  jobTemplate: struct(5, JobTemplateSpec).required,
  successfulJobsHistoryLimit: int32(6).optional,
  failedJobsHistoryLimit: int32(7).optional,
  timeZone: string(8),
});
export interface CronJobSpec extends Infer<typeof CronJobSpec> {}

export const CronJobStatus = message("io.k8s.api.batch.v1.CronJobStatus", {
  active: list(1, ObjectReference).atomicList,
  lastScheduleTime: time(4).optional,
  lastSuccessfulTime: time(5).optional,
});
export interface CronJobStatus extends Infer<typeof CronJobStatus> {}
