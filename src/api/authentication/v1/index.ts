export * from "./messages.ts";
export { SelfSubjectReview, SelfSubjectReviewSchema } from "./selfSubjectReview.ts";
export { type TokenRequest, TokenRequestSchema } from "./tokenRequest.ts";
export { TokenReview, TokenReviewSchema } from "./tokenReview.ts";
