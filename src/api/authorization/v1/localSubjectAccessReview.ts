import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from "./messages.ts";

export const LocalSubjectAccessReviewSchema = message("io.k8s.api.authorization.v1.LocalSubjectAccessReview", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, SubjectAccessReviewSpec).required,
  status: struct(3, SubjectAccessReviewStatus),
});
export interface LocalSubjectAccessReview extends Infer<typeof LocalSubjectAccessReviewSchema> {}

export const LocalSubjectAccessReview = defineKind<LocalSubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "LocalSubjectAccessReview",
  plural: "localsubjectaccessreviews",
  scope: "Namespaced",
  schema: LocalSubjectAccessReviewSchema,
  verbs: ["create"],
  columns: [],
});
