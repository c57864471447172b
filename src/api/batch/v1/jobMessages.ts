import { LabelSelector } from "../../../apimachinery/meta.ts";
import { bool, type Infer, int32, int64, list, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { PodTemplateSpec } from "../../core/v1/podSpec.ts";
import { PodFailurePolicy, SuccessPolicy } from "./jobPolicyMessages.ts";

export const JobSpec = message(
  "io.k8s.api.batch.v1.JobSpec",
  {
    parallelism: int32(1).optional.doc("How many Pods may run at the same time. 1 by default."),
    completions: int32(2).optional.doc(
      "How many Pods must succeed. Not set: when one has succeeded and the others have ended, the Job is complete.",
    ),
    activeDeadlineSeconds: int64(3).optional.doc(
      "How long the Job may be active, whatever its Pods do, before it fails. Suspension stops the clock.",
    ),
    selector: struct(4, LabelSelector).optional.doc("Which Pods belong to the Job. Normally the server sets it."),
    manualSelector: bool(5).optional.doc("The author has chosen selector and labels, and none are made."),
    template: struct(6, PodTemplateSpec).required.doc(
      "What the Pods look like. Their restart policy must be Never or OnFailure.",
    ),
    backoffLimit: int32(7).optional.doc(
      "How many failures are tolerated before the Job fails. 6 by default; with backoffLimitPerIndex, any number.",
    ),
    ttlSecondsAfterFinished: int32(8).optional.doc(
      "How long the Job is kept after it finished; then it is deleted with its Pods. Not set: until someone deletes it.",
    ),
    completionMode: string(9)
      .named("CompletionMode")
      .optional.doc(
        "NonIndexed (default): Pods are alike. Indexed: each Pod works at one index from 0 to completions - 1, and " +
          "each index must succeed once.",
      ),
    suspend: bool(10).optional.doc("While set, the Job has no Pods; those it had are deleted. False by default."),
    podFailurePolicy: struct(11, PodFailurePolicy).optional.doc(
      "What failed Pods mean. Without it every failure is counted.",
    ),
    backoffLimitPerIndex: int32(12).optional.doc(
      "How many failures each index is allowed before it fails, in Indexed Jobs whose Pods do not restart.",
    ),
    maxFailedIndexes: int32(13).optional.doc(
      "With more failed indexes than this, the Job fails at once. Not set: all indexes run to their end.",
    ),
    podReplacementPolicy: string(14)
      .named("PodReplacementPolicy")
      .optional.doc(
        "When a Pod is replaced. TerminatingOrFailed (default): when it is told to end. Failed: when it has ended; " +
          "the only choice, and the default, with podFailurePolicy.",
      ),
    managedBy: string(15).optional.doc(
      "Who works on the Job: kubernetes.io/job-controller (also when not set), or another controller by its name.",
    ),
    successPolicy: struct(16, SuccessPolicy).optional.doc("When the Job has succeeded before all its indexes have."),
  },
  { doc: "What a Job shall do." },
);
export interface JobSpec extends Infer<typeof JobSpec> {}

export const JobCondition = message(
  "io.k8s.api.batch.v1.JobCondition",
  {
    type: string(1)
      .named("JobConditionType")
      .always.required.doc("Suspended, Complete, Failed, FailureTarget or SuccessCriteriaMet."),
    status: string(2).named("ConditionStatus").always.required.doc("True, False or Unknown."),
    lastProbeTime: time(3).always.doc("When it was last looked at."),
    lastTransitionTime: time(4).always.doc("When the status last changed."),
    reason: string(5).doc("Why, in one word for programs."),
    message: string(6).doc("Why, in a sentence for people."),
  },
  { doc: "One aspect of a Job's state." },
);
export interface JobCondition extends Infer<typeof JobCondition> {}

export const UncountedTerminatedPods = message(
  "io.k8s.api.batch.v1.UncountedTerminatedPods",
  {
    succeeded: list(1, "string").named("types.UID").listSet.doc("UIDs of Pods that have succeeded."),
    failed: list(2, "string").named("types.UID").listSet.doc("UIDs of Pods that have failed."),
  },
  { doc: "Pods that have ended, but are not in the Job's counters yet." },
);
export interface UncountedTerminatedPods extends Infer<typeof UncountedTerminatedPods> {}

export const JobStatus = message(
  "io.k8s.api.batch.v1.JobStatus",
  {
    conditions: list(1, JobCondition)
      .atomicList.merge("type")
      .doc("How the Job stands. It is finished when Complete or Failed is True."),
    startTime: time(2).optional.doc("When work began; anew each time that the Job is resumed."),
    completionTime: time(3).optional.doc("When the Job was completed; not set when it failed."),
    active: int32(4).doc("Pods that are pending or running and not terminating."),
    succeeded: int32(5).doc("Pods that have succeeded."),
    failed: int32(6).doc("Pods that have failed."),
    completedIndexes: string(7).doc('Indexes that have succeeded, such as "1,3-5,7".'),
    uncountedTerminatedPods: struct(8, UncountedTerminatedPods).optional.doc(
      "Pods that have ended and still have the Job's finalizer; each is counted when the finalizer is off.",
    ),
    ready: int32(9).optional.doc("Active Pods that are ready and not terminating."),
    failedIndexes: string(10).optional.doc("Indexes that have failed for good, written as `completedIndexes` are."),
    terminating: int32(11).optional.doc("Pods that are told to end and have not ended yet."),
  },
  { doc: "How far a Job has come." },
);
export interface JobStatus extends Infer<typeof JobStatus> {}
