import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldInvalidEach,
  fieldRequired,
} from "../fieldErrors.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../meta.ts";
import { labelKey, labelValue } from "./names.ts";

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    errors.push(...fieldInvalidEach(path, key, labelKey(key)), ...fieldInvalidEach(path, value, labelValue(value)));
  }
  return errors;
}

export interface LabelSelectorRules {
  /** for stored selectors that were never checked */
  allowInvalidValues?: boolean;
}

/** What is wrong with a LabelSelector object. */
export function validateLabelSelector(
  selector: LabelSelector | undefined,
  path: FieldPath,
  rules: LabelSelectorRules = {},
): FieldError[] {
  if (!selector) return [];
  const errors = validateLabels(selector.matchLabels, path.child("matchLabels"));
  selector.matchExpressions?.forEach((requirement, i) => {
    errors.push(...validateRequirement(requirement, path.child("matchExpressions").index(i), rules));
  });
  return errors;
}

function validateRequirement(
  { key, operator, values = [] }: LabelSelectorRequirement,
  path: FieldPath,
  rules: LabelSelectorRules,
): FieldError[] {
  const errors: FieldError[] = [];
  if (operator === "In" || operator === "NotIn") {
    if (values.length === 0) {
      errors.push(fieldRequired(path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (values.length > 0) {
      errors.push(
        fieldForbidden(path.child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
      );
    }
  } else errors.push(fieldInvalid(path.child("operator"), operator, "not a valid selector operator"));
  errors.push(...fieldInvalidEach(path.child("key"), key, labelKey(key)));
  if (rules.allowInvalidValues) return errors;
  values.forEach((value, i) => {
    errors.push(...fieldInvalidEach(path.child("values").index(i), value, labelValue(value)));
  });
  return errors;
}
