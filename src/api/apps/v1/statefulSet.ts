import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { StatefulSetSpec, StatefulSetStatus } from "./statefulSetMessages.ts";

export const StatefulSetSchema = message("io.k8s.api.apps.v1.StatefulSet", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, StatefulSetSpec),
  status: struct(3, StatefulSetStatus),
});
export interface StatefulSet extends Infer<typeof StatefulSetSchema> {}

export const StatefulSet = defineKind<StatefulSet>({
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  shortNames: ["sts"],
  categories: ["all"],
  scope: "Namespaced",
  schema: StatefulSetSchema,
  status: true,
  scale: { specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", selector: ".spec.selector" },
  generation: ["spec"],
  columns: [nameColumn(), ageColumn()],
});
