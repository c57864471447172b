import { FieldSelectorRequirement, LabelSelectorRequirement } from "../../../apimachinery/meta.ts";
import { bool, type Infer, list, map, message, string, struct } from "../../../apimachinery/schema.ts";

export const FieldSelectorAttributes = message("io.k8s.api.authorization.v1.FieldSelectorAttributes", {
  rawSelector: string(1),
  requirements: list(2, FieldSelectorRequirement).atomicList,
});
export interface FieldSelectorAttributes extends Infer<typeof FieldSelectorAttributes> {}

export const LabelSelectorAttributes = message("io.k8s.api.authorization.v1.LabelSelectorAttributes", {
  rawSelector: string(1),
  requirements: list(2, LabelSelectorRequirement).atomicList,
});
export interface LabelSelectorAttributes extends Infer<typeof LabelSelectorAttributes> {}

export const ResourceAttributes = message("io.k8s.api.authorization.v1.ResourceAttributes", {
  namespace: string(1),
  verb: string(2),
  group: string(3),
  version: string(4),
  resource: string(5),
  subresource: string(6),
  name: string(7),
  fieldSelector: struct(8, FieldSelectorAttributes).optional,
  labelSelector: struct(9, LabelSelectorAttributes).optional,
});
export interface ResourceAttributes extends Infer<typeof ResourceAttributes> {}

export const NonResourceAttributes = message("io.k8s.api.authorization.v1.NonResourceAttributes", {
  path: string(1),
  verb: string(2),
});
export interface NonResourceAttributes extends Infer<typeof NonResourceAttributes> {}

export const SubjectAccessReviewSpec = message("io.k8s.api.authorization.v1.SubjectAccessReviewSpec", {
  resourceAttributes: struct(1, ResourceAttributes).optional,
  nonResourceAttributes: struct(2, NonResourceAttributes).optional,
  user: string(3),
  groups: list(4, "string").atomicList,
  extra: map(5, "stringList"),
  uid: string(6),
});
export interface SubjectAccessReviewSpec extends Infer<typeof SubjectAccessReviewSpec> {}

export const SubjectAccessReviewStatus = message("io.k8s.api.authorization.v1.SubjectAccessReviewStatus", {
  allowed: bool(1).always.required,
  reason: string(2),
  evaluationError: string(3),
  denied: bool(4),
});
export interface SubjectAccessReviewStatus extends Infer<typeof SubjectAccessReviewStatus> {}

export const NonResourceRule = message("io.k8s.api.authorization.v1.NonResourceRule", {
  verbs: list(1, "string").always.required.atomicList,
  nonResourceURLs: list(2, "string").atomicList,
});
export interface NonResourceRule extends Infer<typeof NonResourceRule> {}

export const ResourceRule = message("io.k8s.api.authorization.v1.ResourceRule", {
  verbs: list(1, "string").always.required.atomicList,
  apiGroups: list(2, "string").atomicList,
  resources: list(3, "string").atomicList,
  resourceNames: list(4, "string").atomicList,
});
export interface ResourceRule extends Infer<typeof ResourceRule> {}

export const SelfSubjectAccessReviewSpec = message("io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec", {
  resourceAttributes: struct(1, ResourceAttributes).optional,
  nonResourceAttributes: struct(2, NonResourceAttributes).optional,
});
export interface SelfSubjectAccessReviewSpec extends Infer<typeof SelfSubjectAccessReviewSpec> {}

export const SelfSubjectRulesReviewSpec = message("io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec", {
  namespace: string(1),
});
export interface SelfSubjectRulesReviewSpec extends Infer<typeof SelfSubjectRulesReviewSpec> {}

export const SubjectRulesReviewStatus = message("io.k8s.api.authorization.v1.SubjectRulesReviewStatus", {
  resourceRules: list(1, ResourceRule).always.required.atomicList,
  nonResourceRules: list(2, NonResourceRule).always.required.atomicList,
  incomplete: bool(3).always.required,
  evaluationError: string(4),
});
export interface SubjectRulesReviewStatus extends Infer<typeof SubjectRulesReviewStatus> {}
