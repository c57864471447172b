import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { parseQuantity } from "../../../apimachinery/quantity.ts";
import type { HorizontalPodAutoscaler } from "./horizontalPodAutoscaler.ts";
import type {
  HorizontalPodAutoscalerBehavior,
  HPAScalingPolicy,
  HPAScalingRules,
} from "./horizontalPodAutoscalerMessages.ts";
import type { CrossVersionObjectReference } from "./metricSources.ts";
import { validateMetric, validateReference } from "./metricValidation.ts";

const SPEC = root.child("spec");
const LONGEST_WINDOW = 3600;
const LONGEST_PERIOD = 1800;

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  return [
    ...validateBounds(spec),
    ...validateTargetReference(spec.scaleTargetRef, SPEC.child("scaleTargetRef")),
    ...(spec.metrics ?? []).flatMap((metric, i) => validateMetric(metric, SPEC.child("metrics").index(i))),
    ...validateBehavior(spec.behavior, SPEC.child("behavior")),
  ];
}

function validateBounds({ minReplicas, maxReplicas }: HorizontalPodAutoscaler["spec"]): FieldError[] {
  const errors: FieldError[] = [];
  const most = SPEC.child("maxReplicas");
  if (minReplicas !== undefined && minReplicas < 1) {
    errors.push(fieldInvalid(SPEC.child("minReplicas"), minReplicas, "must be greater than or equal to 1"));
  }
  if (maxReplicas < 1) errors.push(fieldRequired(most, "must be set and greater than 0"));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(fieldInvalid(most, maxReplicas, "must be greater than or equal to `minReplicas`"));
  }
  return errors;
}

/** Only the core group has an empty name, and of its kinds only the ReplicationController can be scaled. */
function validateTargetReference(reference: CrossVersionObjectReference, path: FieldPath): FieldError[] {
  const { apiVersion = "", kind } = reference;
  const errors = validateReference(reference, path);
  const at = path.child("apiVersion");
  const parts = apiVersion.split("/");
  if (parts.length > 2) {
    errors.push(fieldInvalid(at, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  } else if (apiVersion === "" || (parts.length === 1 && kind !== "ReplicationController")) {
    errors.push(fieldInvalid(at, apiVersion, "apiVersion must specify API group"));
  }
  return errors;
}

function validateBehavior(behavior: HorizontalPodAutoscalerBehavior | undefined, path: FieldPath): FieldError[] {
  return [
    ...validateRules(behavior?.scaleUp, path.child("scaleUp")),
    ...validateRules(behavior?.scaleDown, path.child("scaleDown")),
  ];
}

function validateRules(rules: HPAScalingRules | undefined, path: FieldPath): FieldError[] {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const errors: FieldError[] = [];
  const at = path.child("stabilizationWindowSeconds");
  if (window !== undefined && window < 0)
    errors.push(fieldInvalid(at, window, "must be greater than or equal to zero"));
  if (window !== undefined && window > LONGEST_WINDOW) {
    errors.push(fieldInvalid(at, window, `must be less than or equal to ${LONGEST_WINDOW}`));
  }
  if (selectPolicy !== undefined && !["Disabled", "Max", "Min"].includes(selectPolicy)) {
    errors.push(fieldNotSupported(path.child("selectPolicy"), selectPolicy, ["Disabled", "Max", "Min"]));
  }
  if (policies.length === 0) errors.push(fieldRequired(path.child("policies"), "must specify at least one Policy"));
  errors.push(...policies.flatMap((policy, i) => validatePolicy(policy, path.child("policies").index(i))));
  if (tolerance !== undefined && parseQuantity(tolerance).nanos < 0n) {
    errors.push(fieldInvalid(path.child("tolerance"), tolerance, "must be greater than or equal to 0"));
  }
  return errors;
}

function validatePolicy({ type, value, periodSeconds }: HPAScalingPolicy, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (type !== "Percent" && type !== "Pods") {
    errors.push(fieldNotSupported(path.child("type"), type, ["Percent", "Pods"]));
  }
  if (value <= 0) errors.push(fieldInvalid(path.child("value"), value, "must be greater than zero"));
  const at = path.child("periodSeconds");
  if (periodSeconds <= 0) errors.push(fieldInvalid(at, periodSeconds, "must be greater than zero"));
  if (periodSeconds > LONGEST_PERIOD) {
    errors.push(fieldInvalid(at, periodSeconds, `must be less than or equal to ${LONGEST_PERIOD}`));
  }
  return errors;
}

export function validateAutoscalerStatusUpdate({ status }: HorizontalPodAutoscaler): FieldError[] {
  const { currentReplicas = 0, desiredReplicas } = status;
  return Object.entries({ currentReplicas, desiredReplicas }).flatMap(([field, count]) =>
    count < 0 ? [fieldInvalid(root.child("status", field), count, "must be greater than or equal to 0")] : [],
  );
}
