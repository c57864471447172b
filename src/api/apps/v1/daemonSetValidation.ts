import { deepEqual } from "../../../apimachinery/equal.ts";
import {
  type FieldError,
  type FieldPath,
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
import { validateLabelSelector } from "../../../apimachinery/validation/labelSelector.ts";
import { validatePodTemplateSpec } from "../../core/v1/validation/podSpec.ts";
import type { DaemonSet } from "./daemonSet.ts";
import type { DaemonSetUpdateStrategy, RollingUpdateDaemonSet } from "./daemonSetMessages.ts";
import { isEmpty, shown, validateCounts, validateRestarts, validateTemplateLabels } from "./workload.ts";

const SPEC = root.child("spec");

export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  const { selector, template, minReadySeconds, revisionHistoryLimit } = spec;
  const at = SPEC.child("template");
  const errors = validateLabelSelector(selector, SPEC.child("selector"));
  if (errors.length === 0) errors.push(...validateTemplateLabels(template, selector, at));
  if (selector !== undefined && isEmpty(selector)) {
    errors.push(fieldInvalid(SPEC.child("selector"), shown(selector), "empty selector is invalid for daemonset"));
  }
  return [
    ...errors,
    ...validatePodTemplateSpec(template, at),
    ...validateRestarts(template, at, "DaemonSet"),
    ...validateCounts(SPEC, { minReadySeconds }),
    ...validateStrategy(spec.updateStrategy, SPEC.child("updateStrategy")),
    ...validateCounts(SPEC, { revisionHistoryLimit }),
  ];
}

function validateStrategy(strategy: DaemonSetUpdateStrategy, path: FieldPath): FieldError[] {
  const { type, rollingUpdate } = strategy;
  if (type === "OnDelete") return [];
  if (type !== "RollingUpdate")
    return [fieldNotSupported(path, shownStrategy(strategy), ["OnDelete", "RollingUpdate"])];
  const at = path.child("rollingUpdate");
  return rollingUpdate === undefined ? [fieldRequired(at)] : validateRollingUpdate(rollingUpdate, at);
}

/** Errors show the strategy under the names of Kubernetes' internal type. */
function shownStrategy({ type, rollingUpdate }: DaemonSetUpdateStrategy): unknown {
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
  const shown = rollingUpdate === undefined ? null : { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge };
  return { Type: type, RollingUpdate: shown };
}

/** A node is either without its Pod for a while, or has two: one of the two numbers is zero, and one is not. */
function validateRollingUpdate({ maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDaemonSet, path: FieldPath) {
  const [unavailable, surge] = [path.child("maxUnavailable"), path.child("maxSurge")];
  const errors = [
    ...validateIntOrPercent(maxUnavailable, unavailable),
    ...validateIntOrPercent(maxSurge, surge),
    ...validateAtMost100Percent(maxUnavailable, unavailable),
    ...validateAtMost100Percent(maxSurge, surge),
  ];
  const hasUnavailable = intOrPercentValue(maxUnavailable) !== 0;
  const hasSurge = intOrPercentValue(maxSurge) !== 0;
  if (hasUnavailable && hasSurge) {
    errors.push(fieldInvalid(surge, maxSurge, "may not be set when maxUnavailable is non-zero"));
  }
  if (!hasUnavailable && !hasSurge) errors.push(fieldRequired(unavailable, "cannot be 0 when maxSurge is 0"));
  return errors;
}

export function validateDaemonSetUpdate({ spec }: DaemonSet, old: DaemonSet): FieldError[] {
  if (deepEqual(spec.selector, old.spec.selector)) return [];
  return [fieldInvalid(SPEC.child("selector"), shown(spec.selector), "field is immutable")];
}

export function validateDaemonSetStatusUpdate({ status }: DaemonSet, old: DaemonSet): FieldError[] {
  const at = root.child("status");
  const { conditions: _, collisionCount, ...counts } = status;
  const errors = [...validateCounts(at, counts), ...validateCounts(at, { collisionCount })];
  if ((collisionCount ?? 0) < (old.status.collisionCount ?? 0)) {
    errors.push(fieldInvalid(at.child("collisionCount"), collisionCount ?? 0, "cannot be decremented"));
  }
  return errors;
}
