import { type Infer, int32, message, string } from "../../../apimachinery/schema.ts";

export const ScaleSpec = message("io.k8s.api.autoscaling.v1.ScaleSpec", {
  replicas: int32(1).optional,
});
export interface ScaleSpec extends Infer<typeof ScaleSpec> {}

export const ScaleStatus = message("io.k8s.api.autoscaling.v1.ScaleStatus", {
  replicas: int32(1).always.required,
  selector: string(2),
});
export interface ScaleStatus extends Infer<typeof ScaleStatus> {}
