import { LabelSelector } from "../../../apimachinery/meta.ts";
import {
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
import { PersistentVolumeClaimSchema } from "../../core/v1/persistentVolumeClaim.ts";
import { PodTemplateSpec } from "../../core/v1/podSpec.ts";

export const StatefulSetOrdinals = message("io.k8s.api.apps.v1.StatefulSetOrdinals", {
  start: int32(1).optional,
});
export interface StatefulSetOrdinals extends Infer<typeof StatefulSetOrdinals> {}

export const StatefulSetPersistentVolumeClaimRetentionPolicy = message(
  "io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy",
  {
    whenDeleted: string(1),
    whenScaled: string(2),
  },
);
export interface StatefulSetPersistentVolumeClaimRetentionPolicy
  extends Infer<typeof StatefulSetPersistentVolumeClaimRetentionPolicy> {}

export const RollingUpdateStatefulSetStrategy = message("io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy", {
  partition: int32(1).optional,
  maxUnavailable: intOrString(2).optional,
});
export interface RollingUpdateStatefulSetStrategy extends Infer<typeof RollingUpdateStatefulSetStrategy> {}

export const StatefulSetUpdateStrategy = message("io.k8s.api.apps.v1.StatefulSetUpdateStrategy", {
  type: string(1),
  rollingUpdate: struct(2, RollingUpdateStatefulSetStrategy).optional,
});
export interface StatefulSetUpdateStrategy extends Infer<typeof StatefulSetUpdateStrategy> {}

export const StatefulSetSpec = message("io.k8s.api.apps.v1.StatefulSetSpec", {
  replicas: int32(1).optional,
  selector: struct(2, LabelSelector).required,
  template: struct(3, PodTemplateSpec).required,
  volumeClaimTemplates: list(4, PersistentVolumeClaimSchema).atomicList,
  serviceName: string(5),
  podManagementPolicy: string(6),
  updateStrategy: struct(7, StatefulSetUpdateStrategy).optional,
  revisionHistoryLimit: int32(8).optional,
  minReadySeconds: int32(9).optional,
  persistentVolumeClaimRetentionPolicy: struct(10, StatefulSetPersistentVolumeClaimRetentionPolicy).optional,
  ordinals: struct(11, StatefulSetOrdinals).optional,
});
export interface StatefulSetSpec extends Infer<typeof StatefulSetSpec> {}

export const StatefulSetCondition = message("io.k8s.api.apps.v1.StatefulSetCondition", {
  type: string(1).always.required,
  status: string(2).always.required,
  lastTransitionTime: time(3).optional,
  reason: string(4),
  message: string(5),
});
export interface StatefulSetCondition extends Infer<typeof StatefulSetCondition> {}

export const StatefulSetStatus = message("io.k8s.api.apps.v1.StatefulSetStatus", {
  observedGeneration: int64(1).optional,
  replicas: int32(2).always.required,
  readyReplicas: int32(3).optional,
  currentReplicas: int32(4).optional,
  updatedReplicas: int32(5).optional,
  currentRevision: string(6),
  updateRevision: string(7),
  collisionCount: int32(9).optional,
  conditions: list(10, StatefulSetCondition).listMap("type").merge("type"),
  availableReplicas: int32(11).optional,
});
export interface StatefulSetStatus extends Infer<typeof StatefulSetStatus> {}
