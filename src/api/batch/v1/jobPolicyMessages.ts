import { type Infer, int32, list, message, string, struct } from "../../../apimachinery/schema.ts";

export const PodFailurePolicyOnExitCodesRequirement = message(
  "io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement",
  {
    containerName: string(1).optional.doc("Look at this container only; at all, init containers too, when not set."),
    operator: string(2)
      .named("PodFailurePolicyOnExitCodesOperator")
      .always.required.doc("In: the code is one of `values`. NotIn: it is none of them. Success (0) never matches."),
    values: list(3, "int32").always.required.listSet.doc("Exit codes in ascending order, at most 255 of them."),
  },
  { doc: "Matches containers that failed with certain exit codes." },
);
export interface PodFailurePolicyOnExitCodesRequirement extends Infer<typeof PodFailurePolicyOnExitCodesRequirement> {}

export const PodFailurePolicyOnPodConditionsPattern = message(
  "io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern",
  {
    type: string(1).named("PodConditionType").always.required.doc("The condition's type, such as DisruptionTarget."),
    status: string(2).named("ConditionStatus").doc("The status that it must have. True by default."),
  },
  { doc: "Matches Pods with a certain condition." },
);
export interface PodFailurePolicyOnPodConditionsPattern extends Infer<typeof PodFailurePolicyOnPodConditionsPattern> {}

export const PodFailurePolicyRule = message(
  "io.k8s.api.batch.v1.PodFailurePolicyRule",
  {
    action: string(1)
      .named("PodFailurePolicyAction")
      .always.required.doc(
        "What a matching failure does. FailJob: the whole Job fails. FailIndex: its index fails, without another try. " +
          "Ignore: it is not counted, and the Pod is replaced. Count: it counts towards the back-off limit.",
      ),
    onExitCodes: struct(2, PodFailurePolicyOnExitCodesRequirement).optional.doc("The rule is about exit codes."),
    onPodConditions: list(3, PodFailurePolicyOnPodConditionsPattern).atomicList.doc(
      "The rule is about conditions: one of these patterns must match. At most 20.",
    ),
  },
  { doc: "What one sort of failed Pods means for the Job; about either exit codes or conditions." },
);
export interface PodFailurePolicyRule extends Infer<typeof PodFailurePolicyRule> {}

export const PodFailurePolicy = message(
  "io.k8s.api.batch.v1.PodFailurePolicy",
  {
    rules: list(1, PodFailurePolicyRule).always.required.atomicList.doc(
      "Asked in this order; the first that matches decides. A failure that none matches is counted. At most 20.",
    ),
  },
  { doc: "What failed Pods mean for the Job. The template's restart policy must be Never." },
);
export interface PodFailurePolicy extends Infer<typeof PodFailurePolicy> {}

export const SuccessPolicyRule = message(
  "io.k8s.api.batch.v1.SuccessPolicyRule",
  {
    succeededIndexes: string(1).optional.doc(
      'Indexes such as "1,3-5,7". Without `succeededCount` all of them must have succeeded.',
    ),
    succeededCount: int32(2).optional.doc(
      "How many indexes (of `succeededIndexes` if set, else of all) must have succeeded.",
    ),
  },
  { doc: "One way in which a Job has succeeded; at least one of the fields must be set." },
);
export interface SuccessPolicyRule extends Infer<typeof SuccessPolicyRule> {}

export const SuccessPolicy = message(
  "io.k8s.api.batch.v1.SuccessPolicy",
  {
    rules: list(1, SuccessPolicyRule).always.required.atomicList.doc(
      "The Job has succeeded as soon as one of these, asked in this order, holds. At least 1, at most 20.",
    ),
  },
  { doc: "When an Indexed Job has succeeded although not all of its indexes have." },
);
export interface SuccessPolicy extends Infer<typeof SuccessPolicy> {}
