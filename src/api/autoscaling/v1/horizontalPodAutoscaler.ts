import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { DEFAULT_CPU_UTILIZATION } from "../v2/defaults.ts";
import { HorizontalPodAutoscaler as Stored } from "../v2/horizontalPodAutoscaler.ts";
import { validateAutoscaler, validateAutoscalerStatusUpdate } from "../v2/validation.ts";
import { fromV2, METRICS_ANNOTATION, toV2 } from "./conversion.ts";
import { HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus } from "./horizontalPodAutoscalerMessages.ts";

export const HorizontalPodAutoscalerSchema = message(
  "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, HorizontalPodAutoscalerSpec).required.doc("What is wanted."),
    status: struct(3, HorizontalPodAutoscalerStatus).doc("What is observed."),
  },
  { doc: "Keeps the number of Pods of a workload in step with the CPU time they use." },
);
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
  storedAs: { kind: Stored as never, to: toV2, from: (stored) => fromV2(stored as Stored) },
  status: true,
  defaults,
  validate: (autoscaler) => validateAutoscaler(toV2(autoscaler)),
  validateStatusUpdate: (autoscaler) => validateAutoscalerStatusUpdate(toV2(autoscaler)),
  columns: Stored.columns.map((column) => ({
    ...column,
    value: (autoscaler: HorizontalPodAutoscaler, now: number) => column.value(toV2(autoscaler), now),
  })),
});

function defaults({ metadata, spec }: HorizontalPodAutoscaler): void {
  spec.minReplicas ??= 1;
  if (metadata.annotations?.[METRICS_ANNOTATION] === undefined) {
    spec.targetCPUUtilizationPercentage ??= DEFAULT_CPU_UTILIZATION;
  }
}
