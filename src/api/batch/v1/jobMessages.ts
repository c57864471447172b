import { LabelSelector } from "../../../apimachinery/meta.ts";
import { bool, type Infer, int32, int64, list, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { PodTemplateSpec } from "../../core/v1/podSpec.ts";

export const PodFailurePolicyOnExitCodesRequirement = message(
  "io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement",
  {
    containerName: string(1),
    operator: string(2).always.required,
    values: list(3, "int32").always.required.listSet,
  },
);
export interface PodFailurePolicyOnExitCodesRequirement extends Infer<typeof PodFailurePolicyOnExitCodesRequirement> {}

export const PodFailurePolicyOnPodConditionsPattern = message(
  "io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern",
  {
    type: string(1).always.required,
    status: string(2),
  },
);
export interface PodFailurePolicyOnPodConditionsPattern extends Infer<typeof PodFailurePolicyOnPodConditionsPattern> {}

export const PodFailurePolicyRule = message("io.k8s.api.batch.v1.PodFailurePolicyRule", {
  action: string(1).always.required,
  onExitCodes: struct(2, PodFailurePolicyOnExitCodesRequirement).optional,
  onPodConditions: list(3, PodFailurePolicyOnPodConditionsPattern).atomicList,
});
export interface PodFailurePolicyRule extends Infer<typeof PodFailurePolicyRule> {}

export const PodFailurePolicy = message("io.k8s.api.batch.v1.PodFailurePolicy", {
  rules: list(1, PodFailurePolicyRule).always.required.atomicList,
});
export interface PodFailurePolicy extends Infer<typeof PodFailurePolicy> {}

export const SuccessPolicyRule = message("io.k8s.api.batch.v1.SuccessPolicyRule", {
  succeededIndexes: string(1),
  succeededCount: int32(2).optional,
});
export interface SuccessPolicyRule extends Infer<typeof SuccessPolicyRule> {}

export const SuccessPolicy = message("io.k8s.api.batch.v1.SuccessPolicy", {
  rules: list(1, SuccessPolicyRule).always.required.atomicList,
});
export interface SuccessPolicy extends Infer<typeof SuccessPolicy> {}

export const JobSpec = message("io.k8s.api.batch.v1.JobSpec", {
  parallelism: int32(1).optional,
  completions: int32(2).optional,
  activeDeadlineSeconds: int64(3).optional,
  selector: struct(4, LabelSelector).optional,
  manualSelector: bool(5).optional,
  template: struct(6, PodTemplateSpec).required,
  backoffLimit: int32(7).optional,
  ttlSecondsAfterFinished: int32(8).optional,
  completionMode: string(9),
  suspend: bool(10).optional,
  podFailurePolicy: struct(11, PodFailurePolicy).optional,
  backoffLimitPerIndex: int32(12).optional,
  maxFailedIndexes: int32(13).optional,
  podReplacementPolicy: string(14),
  managedBy: string(15),
  successPolicy: struct(16, SuccessPolicy).optional,
});
export interface JobSpec extends Infer<typeof JobSpec> {}

export const JobCondition = message("io.k8s.api.batch.v1.JobCondition", {
  type: string(1).always.required,
  status: string(2).always.required,
  lastProbeTime: time(3).optional,
  lastTransitionTime: time(4).optional,
  reason: string(5),
  message: string(6),
});
export interface JobCondition extends Infer<typeof JobCondition> {}

export const UncountedTerminatedPods = message("io.k8s.api.batch.v1.UncountedTerminatedPods", {
  succeeded: list(1, "string").listSet,
  failed: list(2, "string").listSet,
});
export interface UncountedTerminatedPods extends Infer<typeof UncountedTerminatedPods> {}

export const JobStatus = message("io.k8s.api.batch.v1.JobStatus", {
  conditions: list(1, JobCondition).atomicList.merge("type"),
  startTime: time(2).optional,
  completionTime: time(3).optional,
  active: int32(4).optional,
  succeeded: int32(5).optional,
  failed: int32(6).optional,
  completedIndexes: string(7),
  uncountedTerminatedPods: struct(8, UncountedTerminatedPods).optional,
  ready: int32(9).optional,
  failedIndexes: string(10),
  terminating: int32(11).optional,
});
export interface JobStatus extends Infer<typeof JobStatus> {}
