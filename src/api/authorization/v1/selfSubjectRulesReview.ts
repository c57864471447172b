import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { SelfSubjectRulesReviewSpec, SubjectRulesReviewStatus } from "./messages.ts";

export const SelfSubjectRulesReviewSchema = message(
  "io.k8s.api.authorization.v1.SelfSubjectRulesReview",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, SelfSubjectRulesReviewSpec).required.doc("What is asked."),
    status: struct(3, SubjectRulesReviewStatus).doc("What is answered."),
  },
  { doc: "Asks what the asker may do in a namespace; for showing, not for deciding. Answered at once and not stored." },
);
export interface SelfSubjectRulesReview extends Infer<typeof SelfSubjectRulesReviewSchema> {}

export const SelfSubjectRulesReview = defineKind<SelfSubjectRulesReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectRulesReview",
  plural: "selfsubjectrulesreviews",
  scope: "Cluster",
  schema: SelfSubjectRulesReviewSchema,
  verbs: ["create"],
  columns: [],
});
