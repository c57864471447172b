import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, int32, int64, list, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { ObjectReference } from "../../core/v1/references.ts";
import { JobSpec } from "./jobMessages.ts";

export const JobTemplateSpec = message(
  "io.k8s.api.batch.v1.JobTemplateSpec",
  {
    metadata: struct(1, ObjectMeta).doc("Labels and annotations of the Jobs."),
    spec: struct(2, JobSpec).doc("What the Jobs shall do."),
  },
  { doc: "What the Jobs of a CronJob look like." },
);
export interface JobTemplateSpec extends Infer<typeof JobTemplateSpec> {}

export const CronJobSpec = message(
  "io.k8s.api.batch.v1.CronJobSpec",
  {
    schedule: string(1).always.required.doc(
      'When a Job is started: minute, hour, day of month, month and day of week as cron has them, "@daily" or "@every 2h".',
    ),
    startingDeadlineSeconds: int64(2).optional.doc(
      "How late a Job may be started when its time was missed. Without it, however late.",
    ),
    concurrencyPolicy: string(3)
      .named("ConcurrencyPolicy")
      .doc(
        "What happens when the time has come and a Job still runs. Allow (default): another is started. Forbid: this " +
          "time is skipped. Replace: the running one is deleted first.",
      ),
    suspend: bool(4).optional.doc("While set, no Job is started; those that run are left alone. False by default."),
    jobTemplate: struct(5, JobTemplateSpec).required.doc("What is started."),
    successfulJobsHistoryLimit: int32(6).optional.doc("How many completed Jobs are kept. 3 by default."),
    failedJobsHistoryLimit: int32(7).optional.doc("How many failed Jobs are kept. 1 by default."),
    timeZone: string(8).optional.doc(
      'The time zone of the schedule, such as "Europe/Berlin"; that of the controller manager when not set.',
    ),
  },
  { doc: "When a CronJob starts what." },
);
export interface CronJobSpec extends Infer<typeof CronJobSpec> {}

export const CronJobStatus = message(
  "io.k8s.api.batch.v1.CronJobStatus",
  {
    active: list(1, ObjectReference).atomicList.doc("Jobs that are running."),
    lastScheduleTime: time(4).optional.doc("The time for which a Job was last started."),
    lastSuccessfulTime: time(5).optional.doc("When a Job last completed."),
  },
  { doc: "What a CronJob has done." },
);
export interface CronJobStatus extends Infer<typeof CronJobStatus> {}
