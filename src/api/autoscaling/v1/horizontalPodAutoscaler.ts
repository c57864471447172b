import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus } from "./horizontalPodAutoscalerMessages.ts";

export const HorizontalPodAutoscalerSchema = message("io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, HorizontalPodAutoscalerSpec).required,
  status: struct(3, HorizontalPodAutoscalerStatus),
});
export interface HorizontalPodAutoscaler extends Infer<typeof HorizontalPodAutoscalerSchema> {}

export const HorizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  group: "autoscaling",
  version: "v1",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  shortNames: ["hpa"],
  categories: ["all"],
  scope: "Namespaced",
  schema: HorizontalPodAutoscalerSchema,
  status: true,
  columns: [nameColumn(), ageColumn()],
});
