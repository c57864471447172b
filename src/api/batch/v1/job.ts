import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { JobSpec, JobStatus } from "./jobMessages.ts";

export const JobSchema = message("io.k8s.api.batch.v1.Job", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, JobSpec),
  status: struct(3, JobStatus),
});
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
  columns: [nameColumn(), ageColumn()],
});
