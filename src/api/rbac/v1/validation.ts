import { type FieldError, type FieldPath, fieldInvalid, fieldRequired } from "../../../apimachinery/fieldErrors.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/labelSelector.ts";
import type { AggregationRule, PolicyRule } from "./messages.ts";

/** `rules` is null where none were given. */
export function validateRules(
  rules: readonly PolicyRule[] | null,
  isNamespaced: boolean,
  path: FieldPath,
): FieldError[] {
  return (rules ?? []).flatMap((rule, i) => validateRule(rule, isNamespaced, path.index(i)));
}

const isNone = (list: readonly string[] | null | undefined): boolean => (list ?? []).length === 0;

function validateRule(rule: PolicyRule, isNamespaced: boolean, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (isNone(rule.verbs)) errors.push(fieldRequired(path.child("verbs"), "verbs must contain at least one value"));
  if (!isNone(rule.nonResourceURLs)) return [...errors, ...validateUrlRule(rule, isNamespaced, path)];
  if (isNone(rule.apiGroups)) {
    errors.push(fieldRequired(path.child("apiGroups"), "resource rules must supply at least one api group"));
  }
  if (isNone(rule.resources)) {
    errors.push(fieldRequired(path.child("resources"), "resource rules must supply at least one resource"));
  }
  return errors;
}

function validateUrlRule(rule: PolicyRule, isNamespaced: boolean, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const at = path.child("nonResourceURLs");
  if (isNamespaced) {
    errors.push(fieldInvalid(at, rule.nonResourceURLs, "namespaced rules cannot apply to non-resource URLs"));
  }
  if (!isNone(rule.apiGroups) || !isNone(rule.resources) || !isNone(rule.resourceNames)) {
    const why = "rules cannot apply to both regular resources and non-resource URLs";
    errors.push(fieldInvalid(at, rule.nonResourceURLs, why));
  }
  return errors;
}

export function validateAggregation({ clusterRoleSelectors = [] }: AggregationRule, path: FieldPath): FieldError[] {
  const at = path.child("clusterRoleSelectors");
  if (clusterRoleSelectors.length === 0) {
    return [fieldRequired(at, "at least one clusterRoleSelector required if aggregationRule is non-nil")];
  }
  return clusterRoleSelectors.flatMap((selector, i) => {
    const errors = validateLabelSelector(selector, at.index(i));
    if (errors.length > 0) errors.push(fieldInvalid(at.index(i), selector, "invalid label selector."));
    return errors;
  });
}
