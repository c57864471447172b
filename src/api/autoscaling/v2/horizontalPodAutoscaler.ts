import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { autoscalerColumns } from "./columns.ts";
import { autoscalerDefaults } from "./defaults.ts";
import { HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus } from "./horizontalPodAutoscalerMessages.ts";
import { validateAutoscaler, validateAutoscalerStatusUpdate } from "./validation.ts";

export const HorizontalPodAutoscalerSchema = message(
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, HorizontalPodAutoscalerSpec).required.doc("What is wanted."),
    status: struct(3, HorizontalPodAutoscalerStatus).doc("What is observed."),
  },
  { doc: "Keeps the number of Pods of a workload in step with its load, as metrics tell it." },
);
export interface HorizontalPodAutoscaler extends Infer<typeof HorizontalPodAutoscalerSchema> {}

export const HorizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  group: "autoscaling",
  version: "v2",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  shortNames: ["hpa"],
  categories: ["all"],
  scope: "Namespaced",
  schema: HorizontalPodAutoscalerSchema,
  status: true,
  defaults: autoscalerDefaults,
  validate: validateAutoscaler,
  validateStatusUpdate: validateAutoscalerStatusUpdate,
  columns: autoscalerColumns,
});
