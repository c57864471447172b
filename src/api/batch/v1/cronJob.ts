import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { labelSelector } from "../../../apimachinery/selectors.ts";
import { age, ageColumn, nameColumn } from "../../columns.ts";
import { CronJobSpec, CronJobStatus } from "./cronJobMessages.ts";
import { cronJobWarnings, validateCronJob, validateCronJobCreate, validateCronJobUpdate } from "./cronJobValidation.ts";
import { jobTemplateDefaults } from "./jobDefaults.ts";
import { templateColumns } from "./templateColumns.ts";

export const CronJobSchema = message(
  "io.k8s.api.batch.v1.CronJob",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, CronJobSpec).required.doc("What is wanted."),
    status: struct(3, CronJobStatus).doc("What is observed."),
  },
  { doc: "Starts Jobs at times that a schedule gives." },
);
export interface CronJob extends Infer<typeof CronJobSchema> {}

export const CronJob = defineKind<CronJob>({
  group: "batch",
  version: "v1",
  kind: "CronJob",
  plural: "cronjobs",
  shortNames: ["cj"],
  categories: ["all"],
  scope: "Namespaced",
  schema: CronJobSchema,
  status: true,
  generation: ["spec"],
  defaults({ spec }) {
    spec.concurrencyPolicy ||= "Allow";
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    jobTemplateDefaults(spec.jobTemplate.spec);
  },
  validate: validateCronJob,
  validateCreate: validateCronJobCreate,
  validateUpdate: validateCronJobUpdate,
  validateStatusUpdate: () => [],
  warnings: cronJobWarnings,
  columns: [
    nameColumn(),
    {
      name: "Schedule",
      type: "string",
      description: "When Jobs are started, as cron writes it.",
      value: ({ spec }) => spec.schedule,
    },
    {
      name: "Timezone",
      type: "string",
      description: "The schedule's time zone.",
      value: ({ spec }) => spec.timeZone ?? "<none>",
    },
    {
      name: "Suspend",
      type: "boolean",
      description: "Whether Jobs are no longer started.",
      value: ({ spec }) => (spec.suspend ? "True" : "False"),
    },
    {
      name: "Active",
      type: "integer",
      description: "Jobs that are running.",
      value: ({ status }) => status.active?.length ?? 0,
    },
    {
      name: "Last Schedule",
      type: "string",
      description: "How long ago a Job was last started.",
      value: ({ status }, now) => (status.lastScheduleTime ? age(status.lastScheduleTime, now) : "<none>"),
    },
    ageColumn(),
    ...templateColumns<CronJob>(
      ({ spec }) => spec.jobTemplate.spec.template,
      ({ spec }) => {
        const { selector } = spec.jobTemplate.spec;
        return (selector && labelSelector(selector).toString()) || "<none>";
      },
    ),
  ],
});
