import { type Infer, int32, message, string } from "../../../apimachinery/schema.ts";

export const ScaleSpec = message(
  "io.k8s.api.autoscaling.v1.ScaleSpec",
  { replicas: int32(1).doc("How many Pods are wanted.") },
  { doc: "The wanted size." },
);
export interface ScaleSpec extends Infer<typeof ScaleSpec> {}

export const ScaleStatus = message(
  "io.k8s.api.autoscaling.v1.ScaleStatus",
  {
    replicas: int32(1).always.required.doc("How many Pods there are."),
    selector: string(2).doc("Which Pods they are: a label selector, as in a query."),
  },
  { doc: "The size found." },
);
export interface ScaleStatus extends Infer<typeof ScaleStatus> {}
