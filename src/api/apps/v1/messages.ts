import { LabelSelector } from "../../../apimachinery/meta.ts";
import {
  bool,
  type Infer,
  int32,
  int64,
  intOrString,
  list,
  message,
  string,
  struct,
  time,
} from "../../../apimachinery/schema.ts";
import { PodTemplateSpec } from "../../core/v1/messages.ts";

export const RollingUpdateDeployment = message("io.k8s.api.apps.v1.RollingUpdateDeployment", {
  maxUnavailable: intOrString(1).optional,
  maxSurge: intOrString(2).optional,
});
export interface RollingUpdateDeployment extends Infer<typeof RollingUpdateDeployment> {}

export const DeploymentStrategy = message("io.k8s.api.apps.v1.DeploymentStrategy", {
  type: string(1),
  rollingUpdate: struct(2, RollingUpdateDeployment).optional,
});
export interface DeploymentStrategy extends Infer<typeof DeploymentStrategy> {}

export const DeploymentSpec = message("io.k8s.api.apps.v1.DeploymentSpec", {
  replicas: int32(1).optional,
  selector: struct(2, LabelSelector).required,
  template: struct(3, PodTemplateSpec).required,
  strategy: struct(4, DeploymentStrategy).patchStrategy("retainKeys"),
  minReadySeconds: int32(5),
  revisionHistoryLimit: int32(6).optional,
  paused: bool(7),
  progressDeadlineSeconds: int32(9).optional,
});
export interface DeploymentSpec extends Infer<typeof DeploymentSpec> {}

export const DeploymentCondition = message("io.k8s.api.apps.v1.DeploymentCondition", {
  type: string(1).always.required,
  status: string(2).always.required,
  reason: string(4),
  message: string(5),
  lastUpdateTime: time(6).optional,
  lastTransitionTime: time(7).optional,
});
export interface DeploymentCondition extends Infer<typeof DeploymentCondition> {}

export const DeploymentStatus = message("io.k8s.api.apps.v1.DeploymentStatus", {
  observedGeneration: int64(1),
  replicas: int32(2).optional,
  updatedReplicas: int32(3),
  availableReplicas: int32(4),
  unavailableReplicas: int32(5),
  conditions: list(6, DeploymentCondition).listMap("type").merge("type"),
  readyReplicas: int32(7),
  collisionCount: int32(8),
  terminatingReplicas: int32(9),
});
export interface DeploymentStatus extends Infer<typeof DeploymentStatus> {}

export const ReplicaSetSpec = message("io.k8s.api.apps.v1.ReplicaSetSpec", {
  replicas: int32(1).optional,
  selector: struct(2, LabelSelector).required,
  template: struct(3, PodTemplateSpec).optional,
  minReadySeconds: int32(4),
});
export interface ReplicaSetSpec extends Infer<typeof ReplicaSetSpec> {}

export const ReplicaSetCondition = message("io.k8s.api.apps.v1.ReplicaSetCondition", {
  type: string(1).always.required,
  status: string(2).always.required,
  lastTransitionTime: time(3).optional,
  reason: string(4),
  message: string(5),
});
export interface ReplicaSetCondition extends Infer<typeof ReplicaSetCondition> {}

export const ReplicaSetStatus = message("io.k8s.api.apps.v1.ReplicaSetStatus", {
  replicas: int32(1).always.required,
  fullyLabeledReplicas: int32(2),
  observedGeneration: int64(3),
  readyReplicas: int32(4),
  availableReplicas: int32(5),
  conditions: list(6, ReplicaSetCondition).listMap("type").merge("type"),
  terminatingReplicas: int32(7),
});
export interface ReplicaSetStatus extends Infer<typeof ReplicaSetStatus> {}
