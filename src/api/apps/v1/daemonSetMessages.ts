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
import { PodTemplateSpec } from "../../core/v1/podSpec.ts";

export const RollingUpdateDaemonSet = message("io.k8s.api.apps.v1.RollingUpdateDaemonSet", {
  maxUnavailable: intOrString(1).optional,
  maxSurge: intOrString(2).optional,
});
export interface RollingUpdateDaemonSet extends Infer<typeof RollingUpdateDaemonSet> {}

export const DaemonSetUpdateStrategy = message("io.k8s.api.apps.v1.DaemonSetUpdateStrategy", {
  type: string(1),
  rollingUpdate: struct(2, RollingUpdateDaemonSet).optional,
});
export interface DaemonSetUpdateStrategy extends Infer<typeof DaemonSetUpdateStrategy> {}

export const DaemonSetSpec = message("io.k8s.api.apps.v1.DaemonSetSpec", {
  selector: struct(1, LabelSelector).required,
  template: struct(2, PodTemplateSpec).required,
  updateStrategy: struct(3, DaemonSetUpdateStrategy).optional,
  minReadySeconds: int32(4).optional,
  revisionHistoryLimit: int32(6).optional,
});
export interface DaemonSetSpec extends Infer<typeof DaemonSetSpec> {}

export const DaemonSetCondition = message("io.k8s.api.apps.v1.DaemonSetCondition", {
  type: string(1).always.required,
  status: string(2).always.required,
  lastTransitionTime: time(3).optional,
  reason: string(4),
  message: string(5),
});
export interface DaemonSetCondition extends Infer<typeof DaemonSetCondition> {}

export const DaemonSetStatus = message("io.k8s.api.apps.v1.DaemonSetStatus", {
  currentNumberScheduled: int32(1).always.required,
  numberMisscheduled: int32(2).always.required,
  desiredNumberScheduled: int32(3).always.required,
  numberReady: int32(4).always.required,
  observedGeneration: int64(5).optional,
  updatedNumberScheduled: int32(6).optional,
  numberAvailable: int32(7).optional,
  numberUnavailable: int32(8).optional,
  collisionCount: int32(9).optional,
  conditions: list(10, DaemonSetCondition).listMap("type").merge("type"),
});
export interface DaemonSetStatus extends Infer<typeof DaemonSetStatus> {}
