import { bool, type Infer, int64, list, map, message, string, struct, time } from "../../../apimachinery/schema.ts";

export const BoundObjectReference = message(
  "io.k8s.api.authentication.v1.BoundObjectReference",
  {
    kind: string(1).doc("Pod, Node or Secret."),
    apiVersion: string(2).doc("v1."),
    name: string(3).doc("The object's name."),
    uid: string(4).named("UID").doc("The object's UID."),
  },
  { doc: "The object whose life limits that of a token." },
);
export interface BoundObjectReference extends Infer<typeof BoundObjectReference> {}

export const UserInfo = message(
  "io.k8s.api.authentication.v1.UserInfo",
  {
    username: string(1).doc("The name that tells users apart."),
    uid: string(2).doc("Tells users of the same name at different times apart."),
    groups: list(3, "string").atomicList.doc("The groups that the user is in."),
    extra: map(4, "stringList").doc("What else the authenticator knows."),
  },
  { doc: "Who someone is." },
);
export interface UserInfo extends Infer<typeof UserInfo> {}

export const SelfSubjectReviewStatus = message(
  "io.k8s.api.authentication.v1.SelfSubjectReviewStatus",
  { userInfo: struct(1, UserInfo).doc("Whom the server takes the asker for.") },
  { doc: "The answer to: who am I?" },
);
export interface SelfSubjectReviewStatus extends Infer<typeof SelfSubjectReviewStatus> {}

export const TokenRequestSpec = message(
  "io.k8s.api.authentication.v1.TokenRequestSpec",
  {
    audiences: list(1, "string").always.atomicList.doc("For whom the token is meant; empty means the API server."),
    boundObjectRef: struct(3, BoundObjectReference).optional.doc(
      "The token is good only as long as this object is there.",
    ),
    expirationSeconds: int64(4).optional.doc("How long the token shall be good. 3600 by default."),
  },
  { doc: "What token is asked for." },
);
export interface TokenRequestSpec extends Infer<typeof TokenRequestSpec> {}

export const TokenRequestStatus = message(
  "io.k8s.api.authentication.v1.TokenRequestStatus",
  {
    token: string(1).always.doc("The token."),
    expirationTimestamp: time(2).always.doc("When it stops being good."),
  },
  { doc: "The token that was made." },
);
export interface TokenRequestStatus extends Infer<typeof TokenRequestStatus> {}

export const TokenReviewSpec = message(
  "io.k8s.api.authentication.v1.TokenReviewSpec",
  {
    token: string(1).required.doc("The token to check."),
    audiences: list(2, "string").atomicList.doc("For whom it should be meant; empty means the API server."),
  },
  { doc: "What token is to be checked." },
);
export interface TokenReviewSpec extends Infer<typeof TokenReviewSpec> {}

export const TokenReviewStatus = message(
  "io.k8s.api.authentication.v1.TokenReviewStatus",
  {
    authenticated: bool(1).doc("Whether the token is good."),
    user: struct(2, UserInfo).doc("Whose it is."),
    error: string(3).doc("Why it could not be checked."),
    audiences: list(4, "string").atomicList.doc("Those of the asked audiences for which it is meant."),
  },
  { doc: "What the token is worth." },
);
export interface TokenReviewStatus extends Infer<typeof TokenReviewStatus> {}
