export { LocalSubjectAccessReview, LocalSubjectAccessReviewSchema } from "./localSubjectAccessReview.ts";
export * from "./messages.ts";
export { SelfSubjectAccessReview, SelfSubjectAccessReviewSchema } from "./selfSubjectAccessReview.ts";
export { SelfSubjectRulesReview, SelfSubjectRulesReviewSchema } from "./selfSubjectRulesReview.ts";
export { SubjectAccessReview, SubjectAccessReviewSchema } from "./subjectAccessReview.ts";
