import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from "./messages.ts";
import { validateAttributes, validateNoMetadata, validateSubject } from "./validation.ts";

export const SubjectAccessReviewSchema = message(
  "io.k8s.api.authorization.v1.SubjectAccessReview",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, SubjectAccessReviewSpec).required.doc("What is asked."),
    status: struct(3, SubjectAccessReviewStatus).doc("What is answered."),
  },
  { doc: "Asks whether someone may do something. Answered at once and not stored." },
);
export interface SubjectAccessReview extends Infer<typeof SubjectAccessReviewSchema> {}

export const SubjectAccessReview = defineKind<SubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SubjectAccessReview",
  plural: "subjectaccessreviews",
  scope: "Cluster",
  schema: SubjectAccessReviewSchema,
  verbs: ["create"],
  validate: ({ metadata, spec }) => [
    ...validateAttributes(spec),
    ...validateSubject(spec),
    ...validateNoMetadata(metadata),
  ],
  columns: [],
});
