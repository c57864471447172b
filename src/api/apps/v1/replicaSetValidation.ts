import { deepEqual } from "../../../apimachinery/equal.ts";
import { type FieldError, fieldInvalid, root } from "../../../apimachinery/fieldErrors.ts";
import type { ReplicaSet } from "./replicaSet.ts";
import { shown, validateCounts, validateObserved, validateSelectorAndTemplate } from "./workload.ts";

const SPEC = root.child("spec");

export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  const { replicas, minReadySeconds } = spec;
  return [
    ...validateCounts(SPEC, { replicas, minReadySeconds }),
    ...validateSelectorAndTemplate(spec, SPEC, "deployment"),
  ];
}

export function validateReplicaSetUpdate({ spec }: ReplicaSet, old: ReplicaSet): FieldError[] {
  if (deepEqual(spec.selector, old.spec.selector)) return [];
  return [fieldInvalid(SPEC.child("selector"), shown(spec.selector), "field is immutable")];
}

export function validateReplicaSetStatusUpdate({ status }: ReplicaSet): FieldError[] {
  const at = root.child("status");
  const { conditions: _, ...counts } = status;
  const { fullyLabeledReplicas } = status;
  return [...validateCounts(at, counts), ...validateObserved(at, status, { fullyLabeledReplicas })];
}
