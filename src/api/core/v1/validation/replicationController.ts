import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  root,
} from "../../../../apimachinery/fieldErrors.ts";
import type { PodTemplateSpec } from "../podSpec.ts";
import type { ReplicationController } from "../replicationController.ts";
import { validatePodTemplateSpec } from "./podSpec.ts";

const SPEC = root.child("spec");

export function validateReplicationController({ spec }: ReplicationController): FieldError[] {
  const { selector = {}, replicas, minReadySeconds, template } = spec;
  const errors = validateCounts(SPEC, { minReadySeconds });
  if (Object.keys(selector).length === 0) errors.push(fieldRequired(SPEC.child("selector")));
  errors.push(...validateCounts(SPEC, { replicas }));
  const at = SPEC.child("template");
  if (template === undefined) return [...errors, fieldRequired(at)];
  return [...errors, ...validateTemplate(template, selector, at)];
}

function validateTemplate(
  template: PodTemplateSpec,
  selector: Readonly<Record<string, string>>,
  path: FieldPath,
): FieldError[] {
  const { labels } = template.metadata;
  const errors: FieldError[] = [];
  if (Object.entries(selector).some(([key, value]) => labels?.[key] !== value)) {
    const why = "`selector` does not match template `labels`";
    errors.push(fieldInvalid(path.child("metadata", "labels"), labels ?? null, why));
  }
  errors.push(...validatePodTemplateSpec(template, path));
  const { restartPolicy, activeDeadlineSeconds } = template.spec;
  if (restartPolicy !== undefined && restartPolicy !== "Always") {
    errors.push(fieldNotSupported(path.child("spec", "restartPolicy"), restartPolicy, ["Always"]));
  }
  if (activeDeadlineSeconds !== undefined) {
    const why = "activeDeadlineSeconds in ReplicationController is not Supported";
    errors.push(fieldForbidden(path.child("spec", "activeDeadlineSeconds"), why));
  }
  return errors;
}

export function validateReplicationControllerStatusUpdate({ status }: ReplicationController): FieldError[] {
  const at = root.child("status");
  const { conditions: _, ...counts } = status;
  const { replicas, fullyLabeledReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const parts = Object.entries({ fullyLabeledReplicas, readyReplicas, availableReplicas });
  const errors = [
    ...validateCounts(at, counts),
    ...parts
      .filter(([, count]) => count > replicas)
      .map(([name, count]) => fieldInvalid(at.child(name), count, "cannot be greater than status.replicas")),
  ];
  if (availableReplicas > readyReplicas) {
    errors.push(fieldInvalid(at.child("availableReplicas"), availableReplicas, "cannot be greater than readyReplicas"));
  }
  return errors;
}

function validateCounts(path: FieldPath, counts: Readonly<Record<string, number | undefined>>): FieldError[] {
  return Object.entries(counts)
    .filter(([, count]) => count !== undefined && count < 0)
    .map(([name, count]) => fieldInvalid(path.child(name), count, "must be greater than or equal to 0"));
}
