/** What Deployment and ReplicaSet have in common: a selector, a template, and counts of Pods. */
import { deepEqual } from "../../../apimachinery/equal.ts";
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from "../../../apimachinery/fieldErrors.ts";
import type { Column } from "../../../apimachinery/kind.ts";
import type { KubernetesObject, LabelSelector } from "../../../apimachinery/meta.ts";
import { labelSelector } from "../../../apimachinery/selectors.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/labelSelector.ts";
import { ageColumn } from "../../columns.ts";
import { templateColumns } from "../../core/v1/columns/template.ts";
import type { PodTemplateSpec } from "../../core/v1/messages.ts";
import { validatePodTemplateSpec } from "../../core/v1/validation/podSpec.ts";
import { podSpecWarnings } from "../../core/v1/warnings/pod.ts";

interface Workload extends KubernetesObject {
  spec: { selector?: LabelSelector; template: PodTemplateSpec };
}

export function workloadColumns<T extends Workload>(): Column<T>[] {
  return [
    ageColumn(),
    ...templateColumns<T>(({ spec }) => spec.template, 1),
    {
      name: "Selector",
      type: "string",
      priority: 1,
      description: "Which Pods belong to the object.",
      value: ({ spec }) =>
        spec.selector === undefined ? "<none>" : labelSelector(spec.selector).toString() || "<none>",
    },
  ];
}

/** The selector itself, the template, and that they fit each other. `kind` is what the message about an empty one says. */
export function validateSelectorAndTemplate(
  spec: { selector?: LabelSelector; template: PodTemplateSpec },
  path: FieldPath,
  kind: string,
): FieldError[] {
  const { selector, template } = spec;
  const at = path.child("selector");
  if (selector === undefined)
    return [fieldRequired(at), ...validateTemplate(template, selector, path.child("template"))];
  const errors = validateLabelSelector(selector, at);
  const isUnusable = errors.length > 0;
  if (isEmpty(selector)) errors.push(fieldInvalid(at, shown(selector), `empty selector is invalid for ${kind}`));
  if (isUnusable) errors.push(fieldInvalid(at, shown(selector), "invalid label selector"));
  else errors.push(...validateTemplate(template, selector, path.child("template")));
  return errors;
}

/** What is accepted in the template, but hardly meant; an unchanged template was warned of before. */
export function templateWarnings({ spec }: Workload, old?: Workload): string[] {
  if (old !== undefined && deepEqual(spec.template, old.spec.template)) return [];
  return podSpecWarnings(spec.template.spec).map((warning) => warning.replace(/^spec\./, "spec.template.spec."));
}

/** A selector with its fields in the order in which errors print them. */
export function shown(selector: LabelSelector | undefined): unknown {
  if (selector === undefined) return null;
  const matchExpressions = selector.matchExpressions?.map(({ key, operator, values }) => ({ key, operator, values }));
  return { matchLabels: selector.matchLabels, matchExpressions };
}

export function isEmpty(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}

function validateTemplate(
  template: PodTemplateSpec,
  selector: LabelSelector | undefined,
  path: FieldPath,
): FieldError[] {
  return [
    ...validateTemplateLabels(template, selector, path),
    ...validatePodTemplateSpec(template, path),
    ...validateRestarts(template, path, "ReplicaSet"),
  ];
}

export function validateTemplateLabels(
  { metadata: { labels } }: PodTemplateSpec,
  selector: LabelSelector | undefined,
  path: FieldPath,
): FieldError[] {
  if (selector !== undefined && labelSelector(selector).matches(labels ?? {})) return [];
  const why = "`selector` does not match template `labels`";
  return [fieldInvalid(path.child("metadata", "labels"), labels ?? null, why)];
}

/** Pods of these kinds never end by themselves. */
export function validateRestarts({ spec }: PodTemplateSpec, path: FieldPath, kind: string): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = spec;
  const errors: FieldError[] = [];
  if (restartPolicy !== undefined && restartPolicy !== "Always") {
    errors.push(fieldNotSupported(path.child("spec", "restartPolicy"), restartPolicy, ["Always"]));
  }
  if (activeDeadlineSeconds !== undefined) {
    const why = `activeDeadlineSeconds in ${kind} is not Supported`;
    errors.push(fieldForbidden(path.child("spec", "activeDeadlineSeconds"), why));
  }
  return errors;
}

/** Numbers that must not be negative, by field; those not set are passed over. */
export function validateCounts(path: FieldPath, counts: Readonly<Record<string, number | undefined>>): FieldError[] {
  return Object.entries(counts)
    .filter(([, count]) => count !== undefined && count < 0)
    .map(([name, count]) => fieldInvalid(path.child(name), count, "must be greater than or equal to 0"));
}

interface Observed {
  replicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
}

/** No group of Pods may be larger than the one that it is a part of. */
export function validateObserved(
  path: FieldPath,
  status: Observed,
  others: Readonly<Record<string, number | undefined>>,
): FieldError[] {
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const errors = Object.entries({ ...others, readyReplicas, availableReplicas })
    .filter(([, count = 0]) => count > replicas)
    .map(([name, count]) => fieldInvalid(path.child(name), count, "cannot be greater than status.replicas"));
  if (availableReplicas > readyReplicas) {
    errors.push(
      fieldInvalid(path.child("availableReplicas"), availableReplicas, "cannot be greater than readyReplicas"),
    );
  }
  return errors;
}
