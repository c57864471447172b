export * from "./messages.ts";
export { SelfSubjectReview, SelfSubjectReviewSchema } from "./selfSubjectReview.ts";
export { TokenRequest, TokenRequestSchema } from "./tokenRequest.ts";
export { TokenReview, TokenReviewSchema } from "./tokenReview.ts";
