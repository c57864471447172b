import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { SelfSubjectAccessReviewSpec, SubjectAccessReviewStatus } from "./messages.ts";
import { validateAttributes, validateNoMetadata } from "./validation.ts";

export const SelfSubjectAccessReviewSchema = message(
  "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, SelfSubjectAccessReviewSpec).required.doc("What is asked."),
    status: struct(3, SubjectAccessReviewStatus).doc("What is answered."),
  },
  { doc: "Asks whether the asker may do something. Answered at once and not stored." },
);
export interface SelfSubjectAccessReview extends Infer<typeof SelfSubjectAccessReviewSchema> {}

export const SelfSubjectAccessReview = defineKind<SelfSubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  scope: "Cluster",
  schema: SelfSubjectAccessReviewSchema,
  verbs: ["create"],
  validate: ({ metadata, spec }) => [...validateAttributes(spec), ...validateNoMetadata(metadata)],
  columns: [],
});
