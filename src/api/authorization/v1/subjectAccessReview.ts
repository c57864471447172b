import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from "./messages.ts";

export const SubjectAccessReviewSchema = message("io.k8s.api.authorization.v1.SubjectAccessReview", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, SubjectAccessReviewSpec).required,
  status: struct(3, SubjectAccessReviewStatus),
});
export interface SubjectAccessReview extends Infer<typeof SubjectAccessReviewSchema> {}

export const SubjectAccessReview = defineKind<SubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SubjectAccessReview",
  plural: "subjectaccessreviews",
  scope: "Cluster",
  schema: SubjectAccessReviewSchema,
  verbs: ["create"],
  columns: [],
});
