import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldRequired,
} from "../../../../apimachinery/fieldErrors.ts";
import { validateLabelSelector } from "../../../../apimachinery/validation/labelSelector.ts";
import { labelValue } from "../../../../apimachinery/validation/names.ts";
import type { PodReadinessGate, PodSchedulingGate, Toleration, TopologySpreadConstraint } from "../podSpec.ts";
import { validateMatchLabelKeys } from "./affinity.ts";
import { oneOf, supportedIn, validateLabelKey } from "./fields.ts";

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
export const validateTaintEffect = (effect: string, path: FieldPath): FieldError[] => oneOf(effect, EFFECTS, path);

function validateOperator(toleration: Toleration, path: FieldPath): FieldError[] {
  const { operator = "", value = "" } = toleration;
  switch (operator) {
    case "":
    case "Equal": {
      const errors = labelValue(value);
      return errors.length === 0 ? [] : [fieldInvalid(path, value, errors.join(";"))];
    }
    case "Exists":
      return value === "" ? [] : [fieldInvalid(path, toleration, "value must be empty when `operator` is 'Exists'")];
    default:
      return supportedIn(operator, ["Equal", "Exists"], path);
  }
}

function validateToleration(toleration: Toleration, path: FieldPath): FieldError[] {
  const { key = "", operator = "", effect = "", tolerationSeconds } = toleration;
  const errors = key === "" ? [] : validateLabelKey(key, path.child("key"));
  if (key === "" && operator !== "Exists") {
    const text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(fieldInvalid(path.child("operator"), operator, text));
  }
  if (tolerationSeconds !== undefined && effect !== "NoExecute") {
    const text = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    errors.push(fieldInvalid(path.child("effect"), effect, text));
  }
  errors.push(...validateOperator(toleration, path.child("operator")));
  return effect === "" ? errors : [...errors, ...validateTaintEffect(effect, path.child("effect"))];
}

export function validateTolerations(tolerations: readonly Toleration[], path: FieldPath): FieldError[] {
  return tolerations.flatMap((toleration, i) => validateToleration(toleration, path.index(i)));
}

function validateMinDomains(constraint: TopologySpreadConstraint, path: FieldPath): FieldError[] {
  const { minDomains, whenUnsatisfiable } = constraint;
  if (minDomains === undefined) return [];
  const errors = minDomains > 0 ? [] : [fieldInvalid(path, minDomains, "must be greater than zero")];
  if (whenUnsatisfiable !== "DoNotSchedule") {
    const text = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
    errors.push(fieldInvalid(path, minDomains, text));
  }
  return errors;
}

function validateSpread(
  constraint: TopologySpreadConstraint,
  later: readonly TopologySpreadConstraint[],
  path: FieldPath,
) {
  const { maxSkew, topologyKey, whenUnsatisfiable, nodeAffinityPolicy, nodeTaintsPolicy, labelSelector } = constraint;
  const errors = maxSkew > 0 ? [] : [fieldInvalid(path.child("maxSkew"), maxSkew, "must be greater than zero")];
  if (topologyKey === "") errors.push(fieldRequired(path.child("topologyKey"), "can not be empty"));
  errors.push(...supportedIn(whenUnsatisfiable, ["DoNotSchedule", "ScheduleAnyway"], path.child("whenUnsatisfiable")));
  if (later.some((o) => o.topologyKey === topologyKey && o.whenUnsatisfiable === whenUnsatisfiable)) {
    const pair = path.child("{topologyKey, whenUnsatisfiable}");
    errors.push(fieldDuplicate(pair, `{${topologyKey}, ${whenUnsatisfiable}}`));
  }
  errors.push(...validateMinDomains(constraint, path.child("minDomains")));
  for (const [name, policy] of Object.entries({ nodeAffinityPolicy, nodeTaintsPolicy })) {
    if (policy !== undefined) errors.push(...supportedIn(policy, ["Honor", "Ignore"], path.child(name)));
  }
  errors.push(
    ...validateMatchLabelKeys(constraint.matchLabelKeys ?? [], labelSelector, { path, name: "matchLabelKeys" }),
  );
  return labelSelector ? [...errors, ...validateLabelSelector(labelSelector, path.child("labelSelector"))] : errors;
}

export function validateTopologySpread(constraints: readonly TopologySpreadConstraint[], path: FieldPath) {
  return constraints.flatMap((one, i) => validateSpread(one, constraints.slice(i + 1), path.index(i)));
}

export function validateReadinessGates(gates: readonly PodReadinessGate[], path: FieldPath): FieldError[] {
  return gates.flatMap(({ conditionType }, i) => validateLabelKey(conditionType, path.index(i).child("conditionType")));
}

export function validateSchedulingGates(gates: readonly PodSchedulingGate[], path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return gates.flatMap(({ name }, i) => {
    const errors = validateLabelKey(name, path.index(i));
    if (seen.has(name)) errors.push(fieldDuplicate(path.index(i), name));
    seen.add(name);
    return errors;
  });
}
