import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { DaemonSetSpec, DaemonSetStatus } from "./daemonSetMessages.ts";

export const DaemonSetSchema = message("io.k8s.api.apps.v1.DaemonSet", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, DaemonSetSpec),
  status: struct(3, DaemonSetStatus),
});
export interface DaemonSet extends Infer<typeof DaemonSetSchema> {}

export const DaemonSet = defineKind<DaemonSet>({
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  shortNames: ["ds"],
  categories: ["all"],
  scope: "Namespaced",
  schema: DaemonSetSchema,
  status: true,
  generation: ["spec"],
  columns: [nameColumn(), ageColumn()],
});
