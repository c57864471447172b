import { bool, type Infer, int64, list, map, message, string, struct, time } from "../../../apimachinery/schema.ts";

export const BoundObjectReference = message("io.k8s.api.authentication.v1.BoundObjectReference", {
  kind: string(1),
  apiVersion: string(2),
  name: string(3),
  uID: string(4), // not in OpenAPI
});
export interface BoundObjectReference extends Infer<typeof BoundObjectReference> {}

export const UserInfo = message("io.k8s.api.authentication.v1.UserInfo", {
  username: string(1),
  uid: string(2),
  groups: list(3, "string").atomicList,
  extra: map(4, "stringList"),
});
export interface UserInfo extends Infer<typeof UserInfo> {}

export const SelfSubjectReviewStatus = message("io.k8s.api.authentication.v1.SelfSubjectReviewStatus", {
  userInfo: struct(1, UserInfo).optional,
});
export interface SelfSubjectReviewStatus extends Infer<typeof SelfSubjectReviewStatus> {}

export const TokenRequestSpec = message("io.k8s.api.authentication.v1.TokenRequestSpec", {
  audiences: list(1, "string").atomicList,
  boundObjectRef: struct(3, BoundObjectReference).optional,
  expirationSeconds: int64(4).optional,
});
export interface TokenRequestSpec extends Infer<typeof TokenRequestSpec> {}

export const TokenRequestStatus = message("io.k8s.api.authentication.v1.TokenRequestStatus", {
  token: string(1),
  expirationTimestamp: time(2).optional,
});
export interface TokenRequestStatus extends Infer<typeof TokenRequestStatus> {}

export const TokenReviewSpec = message("io.k8s.api.authentication.v1.TokenReviewSpec", {
  token: string(1).always.required,
  audiences: list(2, "string").atomicList,
});
export interface TokenReviewSpec extends Infer<typeof TokenReviewSpec> {}

export const TokenReviewStatus = message("io.k8s.api.authentication.v1.TokenReviewStatus", {
  authenticated: bool(1),
  user: struct(2, UserInfo).optional,
  error: string(3),
  audiences: list(4, "string").atomicList,
});
export interface TokenReviewStatus extends Infer<typeof TokenReviewStatus> {}
