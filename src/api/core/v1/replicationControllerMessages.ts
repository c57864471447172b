import { type Infer, int32, int64, list, map, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { PodTemplateSpec } from "./podSpec.ts";

export const ReplicationControllerSpec = message("io.k8s.api.core.v1.ReplicationControllerSpec", {
  replicas: int32(1).optional,
  selector: map(2, "string").atomicMap,
  template: struct(3, PodTemplateSpec).optional,
  minReadySeconds: int32(4).optional,
});
export interface ReplicationControllerSpec extends Infer<typeof ReplicationControllerSpec> {}

export const ReplicationControllerCondition = message("io.k8s.api.core.v1.ReplicationControllerCondition", {
  type: string(1).always.required,
  status: string(2).always.required,
  lastTransitionTime: time(3).optional,
  reason: string(4),
  message: string(5),
});
export interface ReplicationControllerCondition extends Infer<typeof ReplicationControllerCondition> {}

export const ReplicationControllerStatus = message("io.k8s.api.core.v1.ReplicationControllerStatus", {
  replicas: int32(1).always.required,
  fullyLabeledReplicas: int32(2).optional,
  observedGeneration: int64(3).optional,
  readyReplicas: int32(4).optional,
  availableReplicas: int32(5).optional,
  conditions: list(6, ReplicationControllerCondition).listMap("type").merge("type"),
});
export interface ReplicationControllerStatus extends Infer<typeof ReplicationControllerStatus> {}
