import { type FieldError, fieldInvalid, root } from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from "./messages.ts";
import { validateAttributes, validateNoMetadata, validateSubject } from "./validation.ts";

export const LocalSubjectAccessReviewSchema = message(
  "io.k8s.api.authorization.v1.LocalSubjectAccessReview",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, SubjectAccessReviewSpec).required.doc("What is asked."),
    status: struct(3, SubjectAccessReviewStatus).doc("What is answered."),
  },
  { doc: "Asks whether someone may do something in one namespace. Answered at once and not stored." },
);
export interface LocalSubjectAccessReview extends Infer<typeof LocalSubjectAccessReviewSchema> {}

export const LocalSubjectAccessReview = defineKind<LocalSubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "LocalSubjectAccessReview",
  plural: "localsubjectaccessreviews",
  scope: "Namespaced",
  schema: LocalSubjectAccessReviewSchema,
  verbs: ["create"],
  validate,
  columns: [],
});

function validate({ metadata, spec }: LocalSubjectAccessReview): FieldError[] {
  const { namespace = "", ...rest } = metadata;
  const { resourceAttributes, nonResourceAttributes } = spec;
  const errors = [...validateAttributes(spec), ...validateSubject(spec)];
  if (validateNoMetadata(rest).length > 0) {
    errors.push(fieldInvalid(root.child("metadata"), metadata, "must be empty except for namespace"));
  }
  const asked = resourceAttributes?.namespace ?? "";
  if (resourceAttributes !== undefined && asked !== namespace) {
    errors.push(fieldInvalid(root.child("spec.resourceAttributes.namespace"), asked, "must match metadata.namespace"));
  }
  if (nonResourceAttributes !== undefined) {
    const why = "disallowed on this kind of request";
    errors.push(fieldInvalid(root.child("spec.nonResourceAttributes"), nonResourceAttributes, why));
  }
  return errors;
}
