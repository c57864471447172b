import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { TokenReviewSpec, TokenReviewStatus } from "./messages.ts";

export const TokenReviewSchema = message(
  "io.k8s.api.authentication.v1.TokenReview",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, TokenReviewSpec).required.doc("What is asked."),
    status: struct(3, TokenReviewStatus).doc("What is answered."),
  },
  { doc: "Asks whose a token is. Answered at once and not stored." },
);
export interface TokenReview extends Infer<typeof TokenReviewSchema> {}

export const TokenReview = defineKind<TokenReview>({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenReview",
  plural: "tokenreviews",
  scope: "Cluster",
  schema: TokenReviewSchema,
  verbs: ["create"],
  columns: [],
});
