import { deepEqual } from "../../../apimachinery/equal.ts";
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import {
  intOrPercentValue,
  validateAtMost100Percent,
  validateIntOrPercent,
} from "../../../apimachinery/validation/intOrPercent.ts";
import type { Deployment } from "./deployment.ts";
import type { DeploymentStrategy, RollingUpdateDeployment } from "./deploymentMessages.ts";
import { shown, validateCounts, validateObserved, validateSelectorAndTemplate } from "./workload.ts";

const SPEC = root.child("spec");

export function validateDeployment({ spec }: Deployment): FieldError[] {
  const { minReadySeconds = 0, progressDeadlineSeconds, replicas, revisionHistoryLimit } = spec;
  const errors = [
    ...validateCounts(SPEC, { replicas }),
    ...validateSelectorAndTemplate(spec, SPEC, "deployment"),
    ...validateStrategy(spec.strategy, SPEC.child("strategy")),
    ...validateCounts(SPEC, { minReadySeconds, revisionHistoryLimit, progressDeadlineSeconds }),
  ];
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds) {
    const at = SPEC.child("progressDeadlineSeconds");
    errors.push(fieldInvalid(at, progressDeadlineSeconds, "must be greater than minReadySeconds"));
  }
  return errors;
}

function validateStrategy(strategy: DeploymentStrategy, path: FieldPath): FieldError[] {
  const { type, rollingUpdate } = strategy;
  const at = path.child("rollingUpdate");
  switch (type) {
    case "Recreate":
      if (rollingUpdate === undefined) return [];
      return [fieldForbidden(at, "may not be specified when strategy `type` is 'Recreate'")];
    case "RollingUpdate":
      if (rollingUpdate === undefined) return [fieldRequired(at, "this should be defaulted and never be nil")];
      return validateRollingUpdate(rollingUpdate, at);
    default:
      return [fieldNotSupported(path, shownStrategy(strategy), ["Recreate", "RollingUpdate"])];
  }
}

/** Errors show the strategy under the names of Kubernetes' internal type. */
function shownStrategy({ type, rollingUpdate }: DeploymentStrategy): unknown {
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
  const shown = rollingUpdate === undefined ? null : { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge };
  return { Type: type, RollingUpdate: shown };
}

function validateRollingUpdate(
  { maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDeployment,
  path: FieldPath,
): FieldError[] {
  const at = path.child("maxUnavailable");
  const errors = [
    ...validateIntOrPercent(maxUnavailable, at),
    ...validateIntOrPercent(maxSurge, path.child("maxSurge")),
  ];
  if (intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0) {
    errors.push(fieldInvalid(at, maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  }
  return [...errors, ...validateAtMost100Percent(maxUnavailable, at)];
}

export function validateDeploymentUpdate({ spec }: Deployment, old: Deployment): FieldError[] {
  if (deepEqual(spec.selector, old.spec.selector)) return [];
  return [fieldInvalid(SPEC.child("selector"), shown(spec.selector), "field is immutable")];
}

export function validateDeploymentStatusUpdate({ status }: Deployment, old: Deployment): FieldError[] {
  const at = root.child("status");
  const { updatedReplicas, conditions: _, ...counts } = status;
  const errors = [...validateCounts(at, counts), ...validateObserved(at, status, { updatedReplicas })];
  if ((status.collisionCount ?? 0) < (old.status.collisionCount ?? 0)) {
    errors.push(fieldInvalid(at.child("collisionCount"), status.collisionCount ?? 0, "cannot be decremented"));
  }
  return errors;
}
