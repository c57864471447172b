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
import { validateLabelSelector } from "../../../apimachinery/validation/labelSelector.ts";
import type { PodTemplateSpec } from "../../core/v1/podSpec.ts";
import { validatePersistentVolumeClaimSpec } from "../../core/v1/validation/persistentVolumeClaim.ts";
import { validatePodTemplateSpec } from "../../core/v1/validation/podSpec.ts";
import type { Volume } from "../../core/v1/volumes.ts";
import type { StatefulSet } from "./statefulSet.ts";
import type {
  RollingUpdateStatefulSetStrategy,
  StatefulSetPersistentVolumeClaimRetentionPolicy,
  StatefulSetSpec,
  StatefulSetUpdateStrategy,
} from "./statefulSetMessages.ts";
import {
  isEmpty,
  shown,
  validateCounts,
  validateObserved,
  validateRestarts,
  validateTemplateLabels,
} from "./workload.ts";

const SPEC = root.child("spec");

export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  const { replicas, minReadySeconds, ordinals } = spec;
  return [
    ...validatePolicy(spec.podManagementPolicy, SPEC.child("podManagementPolicy")),
    ...validateStrategy(spec.updateStrategy, SPEC.child("updateStrategy")),
    ...validateRetention(spec.persistentVolumeClaimRetentionPolicy, SPEC.child("persistentVolumeClaimRetentionPolicy")),
    ...validateCounts(SPEC, { replicas, minReadySeconds }),
    ...validateCounts(SPEC.child("ordinals"), { start: ordinals?.start }),
    ...validateClaims(spec, SPEC.child("volumeClaimTemplates")),
    ...validateSelectorAndTemplate(spec),
  ];
}

function validatePolicy(policy: string | undefined, path: FieldPath): FieldError[] {
  if (!policy) return [fieldRequired(path)];
  if (policy === "OrderedReady" || policy === "Parallel") return [];
  return [fieldInvalid(path, policy, "must be 'OrderedReady' or 'Parallel'")];
}

function validateStrategy(strategy: StatefulSetUpdateStrategy, path: FieldPath): FieldError[] {
  const { type, rollingUpdate } = strategy;
  const at = path.child("rollingUpdate");
  if (type === "RollingUpdate") return rollingUpdate === undefined ? [] : validateRollingUpdate(rollingUpdate, at);
  if (type !== "OnDelete") {
    return [fieldInvalid(path, shownStrategy(strategy), "must be 'RollingUpdate' or 'OnDelete'")];
  }
  if (rollingUpdate === undefined) return [];
  return [fieldInvalid(at, shownRolling(rollingUpdate), "only allowed for updateStrategy 'RollingUpdate'")];
}

/** Errors show the strategy under the names of Kubernetes' internal type. */
function shownStrategy({ type, rollingUpdate }: StatefulSetUpdateStrategy): unknown {
  return { Type: type, RollingUpdate: rollingUpdate === undefined ? null : shownRolling(rollingUpdate) };
}

function shownRolling({ partition = 0, maxUnavailable = null as never }: RollingUpdateStatefulSetStrategy): unknown {
  return { Partition: partition, MaxUnavailable: maxUnavailable };
}

function validateRollingUpdate({ partition, maxUnavailable }: RollingUpdateStatefulSetStrategy, path: FieldPath) {
  const errors = validateCounts(path, { partition });
  if (maxUnavailable === undefined) return errors;
  const at = path.child("maxUnavailable");
  errors.push(...validateIntOrPercent(maxUnavailable, at));
  if (intOrPercentValue(maxUnavailable) === 0) errors.push(fieldInvalid(at, maxUnavailable, "cannot be 0"));
  return [...errors, ...validateAtMost100Percent(maxUnavailable, at)];
}

function validateRetention(
  policy: StatefulSetPersistentVolumeClaimRetentionPolicy | undefined,
  path: FieldPath,
): FieldError[] {
  if (policy === undefined) return [];
  return (["whenDeleted", "whenScaled"] as const).flatMap((name) => {
    const value = policy[name] ?? "";
    if (value === "Retain" || value === "Delete") return [];
    return [fieldNotSupported(path.child(name), value, ["Retain", "Delete"])];
  });
}

function validateClaims({ volumeClaimTemplates = [] }: StatefulSetSpec, path: FieldPath): FieldError[] {
  return volumeClaimTemplates.flatMap(({ spec }, i) =>
    validatePersistentVolumeClaimSpec(spec, path.index(i).child("spec")),
  );
}

function validateSelectorAndTemplate({ selector, template, volumeClaimTemplates = [] }: StatefulSetSpec): FieldError[] {
  const [at, path] = [SPEC.child("selector"), SPEC.child("template")];
  const names = volumeClaimTemplates.map(({ metadata }) => metadata.name ?? "");
  const whole = [
    ...validatePodTemplateSpec(withClaims(template, names), path),
    ...validateRestarts(template, path, "StatefulSet"),
  ];
  if (selector === undefined) {
    return [fieldRequired(at), ...validateTemplateLabels(template, selector, path), ...whole];
  }
  const errors = validateLabelSelector(selector, at);
  if (errors.length > 0) return [...errors, fieldInvalid(at, shown(selector), "")];
  if (isEmpty(selector)) errors.push(fieldInvalid(at, shown(selector), "empty selector is invalid for statefulset"));
  return [...errors, ...validateTemplateLabels(template, selector, path), ...whole];
}

/** The template with the volumes that each Pod's claims become; they take the place of others of the same name. */
function withClaims(template: PodTemplateSpec, names: readonly string[]): PodTemplateSpec {
  if (names.length === 0) return template;
  const claims = [...new Set(names)].map(
    (name) => ({ name, persistentVolumeClaim: { claimName: name, readOnly: false } }) as Volume,
  );
  const others = (template.spec.volumes ?? []).filter(({ name }) => !names.includes(name));
  return { ...template, spec: { ...template.spec, volumes: [...claims, ...others] } };
}

/** What may be changed of a StatefulSet that exists. */
const CHANGEABLE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
] as const;

export function validateStatefulSetUpdate({ spec }: StatefulSet, old: StatefulSet): FieldError[] {
  const rest = (of: StatefulSetSpec) =>
    Object.fromEntries(Object.entries(of).filter(([name]) => !(CHANGEABLE as readonly string[]).includes(name)));
  if (deepEqual(rest(spec), rest(old.spec))) return [];
  const names = `${CHANGEABLE.slice(0, -1)
    .map((name) => `'${name}'`)
    .join(", ")} and '${CHANGEABLE.at(-1)}'`;
  return [fieldForbidden(SPEC, `updates to statefulset spec for fields other than ${names} are forbidden`)];
}

export function validateStatefulSetStatusUpdate({ status }: StatefulSet, old: StatefulSet): FieldError[] {
  const at = root.child("status");
  const { conditions: _, currentRevision: _current, updateRevision: _update, ...counts } = status;
  const { currentReplicas, updatedReplicas } = status;
  const errors = [...validateCounts(at, counts), ...validateObserved(at, status, { currentReplicas, updatedReplicas })];
  if ((status.collisionCount ?? 0) < (old.status.collisionCount ?? 0)) {
    errors.push(fieldInvalid(at.child("collisionCount"), status.collisionCount ?? 0, "cannot be decremented"));
  }
  return errors;
}
