import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldNotSupported,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { validateConditions } from "../../../apimachinery/validation/conditions.ts";
import { validateAtMost100Percent, validateIntOrPercent } from "../../../apimachinery/validation/intOrPercent.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/labelSelector.ts";
import type { PodDisruptionBudget } from "./podDisruptionBudget.ts";
import type { PodDisruptionBudgetSpec } from "./podDisruptionBudgetMessages.ts";

const SPEC = root.child("spec");
const POLICIES = ["AlwaysAllow", "IfHealthyBudget"];

export function validatePodDisruptionBudget({ spec }: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.push(fieldInvalid(SPEC, shown(spec), "minAvailable and maxUnavailable cannot be both set"));
  }
  errors.push(...validateAmount(minAvailable, SPEC.child("minAvailable")));
  errors.push(...validateAmount(maxUnavailable, SPEC.child("maxUnavailable")));
  errors.push(...validateLabelSelector(spec.selector, SPEC.child("selector")));
  if (policy !== undefined && !POLICIES.includes(policy)) {
    errors.push(fieldNotSupported(SPEC.child("unhealthyPodEvictionPolicy"), policy, POLICIES));
  }
  return errors;
}

function validateAmount(amount: number | string | undefined, path: FieldPath): FieldError[] {
  if (amount === undefined) return [];
  return [...validateIntOrPercent(amount, path), ...validateAtMost100Percent(amount, path)];
}

/** Errors show the specification under the names of Kubernetes' internal type. */
function shown({ minAvailable, selector, maxUnavailable, unhealthyPodEvictionPolicy }: PodDisruptionBudgetSpec) {
  return {
    MinAvailable: minAvailable,
    Selector: selector ?? null,
    MaxUnavailable: maxUnavailable,
    UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
  };
}

export function validatePodDisruptionBudgetStatusUpdate({ status }: PodDisruptionBudget): FieldError[] {
  const at = root.child("status");
  const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } = status;
  const counts = { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods };
  return [
    ...validateConditions(status.conditions, at.child("conditions")),
    ...Object.entries(counts)
      .filter(([, count]) => count < 0)
      .map(([name, count]) => fieldInvalid(at.child(name), count, "must be greater than or equal to 0")),
  ];
}
