import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { CronJobSpec, CronJobStatus } from "./cronJobMessages.ts";

export const CronJobSchema = message("io.k8s.api.batch.v1.CronJob", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, CronJobSpec).required,
  status: struct(3, CronJobStatus),
});
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
  columns: [nameColumn(), ageColumn()],
});
