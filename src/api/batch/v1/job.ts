import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { labelSelector } from "../../../apimachinery/selectors.ts";
import { humanDuration, parseTime } from "../../../apimachinery/time.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { jobDefaults } from "./jobDefaults.ts";
import { JobSpec, JobStatus } from "./jobMessages.ts";
import { validateJobStatusUpdate } from "./jobStatusValidation.ts";
import { validateJobUpdate } from "./jobUpdateValidation.ts";
import { jobSpecWarnings, nameWarnings, validateJob } from "./jobValidation.ts";
import { templateColumns } from "./templateColumns.ts";

export const JobSchema = message(
  "io.k8s.api.batch.v1.Job",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, JobSpec).doc("What is wanted."),
    status: struct(3, JobStatus).doc("What is observed."),
  },
  { doc: "Runs Pods until enough of them have succeeded." },
);
export interface Job extends Infer<typeof JobSchema> {}

export const Job = defineKind<Job>({
  group: "batch",
  version: "v1",
  kind: "Job",
  plural: "jobs",
  categories: ["all"],
  scope: "Namespaced",
  schema: JobSchema,
  status: true,
  generation: ["spec"],
  defaults: jobDefaults,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatusUpdate,
  warnings(job, old) {
    return [...(old ? [] : nameWarnings(job.metadata.name ?? "")), ...jobSpecWarnings(job.spec, "spec")];
  },
  selectableFields: { "status.successful": ({ status }) => String(status.succeeded ?? 0) },
  columns: [
    nameColumn(),
    { name: "Status", type: "string", description: "How the Job stands.", value: standing },
    {
      name: "Completions",
      type: "string",
      description: "Pods that have succeeded, of those that must.",
      value: completions,
    },
    { name: "Duration", type: "string", description: "How long the Job has run, or ran.", value: duration },
    ageColumn(),
    ...templateColumns<Job>(
      ({ spec }) => spec.template,
      ({ spec }) => (spec.selector && labelSelector(spec.selector).toString()) || "<none>",
    ),
  ],
});

/** The first of these conditions that holds is shown. */
const ENDS = ["Complete", "Failed"];
const STAGES = ["Suspended", "FailureTarget", "SuccessCriteriaMet"];

function standing({ metadata, status }: Job): string {
  const holds = (type: string) => status.conditions?.some((c) => c.type === type && c.status === "True");
  const end = ENDS.find(holds);
  if (end) return end;
  if (metadata.deletionTimestamp) return "Terminating";
  return STAGES.find(holds) ?? "Running";
}

function completions({ spec, status }: Job): string {
  const { parallelism = 0 } = spec;
  if (spec.completions !== undefined) return `${status.succeeded ?? 0}/${spec.completions}`;
  return `${status.succeeded ?? 0}/1${parallelism > 1 ? ` of ${parallelism}` : ""}`;
}

function duration({ status }: Job, now: number): string {
  if (!status.startTime) return "";
  const end = status.completionTime ? parseTime(status.completionTime) : now;
  return humanDuration(end - parseTime(status.startTime));
}
