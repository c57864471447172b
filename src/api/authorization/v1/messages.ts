import { FieldSelectorRequirement, LabelSelectorRequirement } from "../../../apimachinery/meta.ts";
import { bool, type Infer, list, map, message, string, struct } from "../../../apimachinery/schema.ts";

export const FieldSelectorAttributes = message(
  "io.k8s.api.authorization.v1.FieldSelectorAttributes",
  {
    rawSelector: string(1).doc("The selector as in a query; not together with requirements."),
    requirements: list(2, FieldSelectorRequirement).atomicList.doc("Conditions that all hold."),
  },
  { doc: "Access only to objects that a field selector selects." },
);
export interface FieldSelectorAttributes extends Infer<typeof FieldSelectorAttributes> {}

export const LabelSelectorAttributes = message(
  "io.k8s.api.authorization.v1.LabelSelectorAttributes",
  {
    rawSelector: string(1).doc("The selector as in a query; not together with requirements."),
    requirements: list(2, LabelSelectorRequirement).atomicList.doc("Conditions that all hold."),
  },
  { doc: "Access only to objects that a label selector selects." },
);
export interface LabelSelectorAttributes extends Infer<typeof LabelSelectorAttributes> {}

export const ResourceAttributes = message(
  "io.k8s.api.authorization.v1.ResourceAttributes",
  {
    namespace: string(1).doc("Where; empty means cluster-wide, or all namespaces."),
    verb: string(2).doc("What: get, list, create, … or * for all."),
    group: string(3).doc("The resource's group; * for all."),
    version: string(4).doc("The resource's version; * for all."),
    resource: string(5).doc("The resource's plural; * for all."),
    subresource: string(6).doc("Its subresource, if any."),
    name: string(7).doc("The object's name; empty means all."),
    fieldSelector: struct(8, FieldSelectorAttributes).optional.doc("Narrows list, watch and deletecollection."),
    labelSelector: struct(9, LabelSelectorAttributes).optional.doc("Narrows list, watch and deletecollection."),
  },
  { doc: "Something done to a resource." },
);
export interface ResourceAttributes extends Infer<typeof ResourceAttributes> {}

export const NonResourceAttributes = message(
  "io.k8s.api.authorization.v1.NonResourceAttributes",
  {
    path: string(1).doc("The request's path."),
    verb: string(2).doc("The HTTP method, in lower case."),
  },
  { doc: "A request for a path that is no resource." },
);
export interface NonResourceAttributes extends Infer<typeof NonResourceAttributes> {}

export const SubjectAccessReviewSpec = message(
  "io.k8s.api.authorization.v1.SubjectAccessReviewSpec",
  {
    resourceAttributes: struct(1, ResourceAttributes).optional.doc("What, if it is about a resource."),
    nonResourceAttributes: struct(2, NonResourceAttributes).optional.doc("What, if it is about another path."),
    user: string(3).doc("Who. With groups only, anyone who is in them."),
    groups: list(4, "string").atomicList.doc("The groups that the user is in."),
    extra: map(5, "stringList").doc("What else is known of the user."),
    uid: string(6).doc("The user's UID."),
  },
  { doc: "Who wants to do what. Exactly one of the two kinds of attributes is set." },
);
export interface SubjectAccessReviewSpec extends Infer<typeof SubjectAccessReviewSpec> {}

export const SubjectAccessReviewStatus = message(
  "io.k8s.api.authorization.v1.SubjectAccessReviewStatus",
  {
    allowed: bool(1).always.required.doc("Whether it is allowed."),
    reason: string(2).doc("Why."),
    evaluationError: string(3).doc("What went wrong while finding out; the answer may hold nevertheless."),
    denied: bool(4).doc("Whether it is forbidden outright, rather than just not allowed by anyone."),
  },
  { doc: "Whether someone may do something." },
);
export interface SubjectAccessReviewStatus extends Infer<typeof SubjectAccessReviewStatus> {}

export const NonResourceRule = message(
  "io.k8s.api.authorization.v1.NonResourceRule",
  {
    verbs: list(1, "string").always.required.atomicList.doc("HTTP methods in lower case; * for all."),
    nonResourceURLs: list(2, "string").atomicList.doc("Paths; a final * for all below."),
  },
  { doc: "Paths that someone may ask for." },
);
export interface NonResourceRule extends Infer<typeof NonResourceRule> {}

export const ResourceRule = message(
  "io.k8s.api.authorization.v1.ResourceRule",
  {
    verbs: list(1, "string").always.required.atomicList.doc("What may be done; * for all."),
    apiGroups: list(2, "string").atomicList.doc("The groups of the resources; * for all."),
    resources: list(3, "string").atomicList.doc("To what it may be done; * for all."),
    resourceNames: list(4, "string").atomicList.doc("Only to objects of these names; empty means any."),
  },
  { doc: "What someone may do to resources." },
);
export interface ResourceRule extends Infer<typeof ResourceRule> {}

export const SelfSubjectAccessReviewSpec = message(
  "io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec",
  {
    resourceAttributes: struct(1, ResourceAttributes).optional.doc("What, if it is about a resource."),
    nonResourceAttributes: struct(2, NonResourceAttributes).optional.doc("What, if it is about another path."),
  },
  { doc: "What the asker wants to do. Exactly one of the two is set." },
);
export interface SelfSubjectAccessReviewSpec extends Infer<typeof SelfSubjectAccessReviewSpec> {}

export const SelfSubjectRulesReviewSpec = message(
  "io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec",
  { namespace: string(1).doc("The namespace that is asked about.") },
  { doc: "Where the asker wants to do things." },
);
export interface SelfSubjectRulesReviewSpec extends Infer<typeof SelfSubjectRulesReviewSpec> {}

export const SubjectRulesReviewStatus = message(
  "io.k8s.api.authorization.v1.SubjectRulesReviewStatus",
  {
    resourceRules: list(1, ResourceRule).always.required.atomicList.doc("What may be done to resources."),
    nonResourceRules: list(2, NonResourceRule).always.required.atomicList.doc("Which other paths may be asked for."),
    incomplete: bool(3).always.required.doc("Whether there may be more than is listed."),
    evaluationError: string(4).doc("What went wrong while finding out."),
  },
  { doc: "What someone may do." },
);
export interface SubjectRulesReviewStatus extends Infer<typeof SubjectRulesReviewStatus> {}
