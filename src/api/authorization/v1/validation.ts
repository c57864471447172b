import { deepEqual } from "../../../apimachinery/equal.ts";
import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import type { ObjectMeta } from "../../../apimachinery/meta.ts";
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  SelfSubjectAccessReviewSpec,
  SubjectAccessReviewSpec,
} from "./messages.ts";

const SPEC = root.child("spec");

/** Reviews are answered and forgotten: they have no name, and nothing else of an object's metadata. */
export function validateNoMetadata(metadata: ObjectMeta): FieldError[] {
  const { managedFields: _, ...rest } = metadata;
  return deepEqual(rest, {}) ? [] : [fieldInvalid(root.child("metadata"), metadata, "must be empty")];
}

export function validateSubject({ user = "", groups = [] }: SubjectAccessReviewSpec): FieldError[] {
  if (user !== "" || groups.length > 0) return [];
  return [fieldInvalid(SPEC.child("user"), user, "at least one of user or group must be specified")];
}

export function validateAttributes(spec: SelfSubjectAccessReviewSpec): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  const errors: FieldError[] = [];
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const why = "cannot be specified in combination with resourceAttributes";
    errors.push(fieldInvalid(SPEC.child("nonResourceAttributes"), nonResourceAttributes, why));
  }
  const at = SPEC.child("resourceAttributes");
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const why = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    errors.push(fieldInvalid(at, null, why));
  }
  errors.push(...validateSelector(resourceAttributes?.fieldSelector, at.child("fieldSelector")));
  errors.push(...validateSelector(resourceAttributes?.labelSelector, at.child("labelSelector")));
  return errors;
}

type Attributes = FieldSelectorAttributes | LabelSelectorAttributes | undefined;

function validateSelector(selector: Attributes, path: FieldPath): FieldError[] {
  if (selector === undefined) return [];
  const { rawSelector = "", requirements = [] } = selector;
  if (rawSelector !== "" && requirements.length > 0) {
    const why = "may not specified at the same time as requirements";
    return [fieldInvalid(path.child("rawSelector"), rawSelector, why)];
  }
  if (rawSelector === "" && requirements.length === 0) {
    const why = `when ${path} is specified, requirements or rawSelector is required`;
    return [fieldRequired(path.child("requirements"), why)];
  }
  return requirements.flatMap((requirement, i) =>
    validateRequirement(requirement, path.child("requirements").index(i)),
  );
}

interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

/** Operators that are not known are let through: an authorizer of a later version may know them. */
function validateRequirement({ key, operator, values = [] }: Requirement, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const at = path.child("values");
  if ((operator === "In" || operator === "NotIn") && values.length === 0) {
    errors.push(fieldRequired(at, "must be specified when `operator` is 'In' or 'NotIn'"));
  }
  if ((operator === "Exists" || operator === "DoesNotExist") && values.length > 0) {
    errors.push(fieldInvalid(at, values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  }
  if (key === "") errors.push(fieldRequired(path.child("key"), "must be specified"));
  return errors;
}
