import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { SelfSubjectReviewStatus } from "./messages.ts";

export const SelfSubjectReviewSchema = message(
  "io.k8s.api.authentication.v1.SelfSubjectReview",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    status: struct(2, SelfSubjectReviewStatus).doc("What is answered."),
  },
  { doc: "Asks whom the server takes the asker for. Answered at once and not stored." },
);
export interface SelfSubjectReview extends Infer<typeof SelfSubjectReviewSchema> {}

export const SelfSubjectReview = defineKind<SelfSubjectReview>({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "SelfSubjectReview",
  plural: "selfsubjectreviews",
  scope: "Cluster",
  schema: SelfSubjectReviewSchema,
  verbs: ["create"],
  columns: [],
});
