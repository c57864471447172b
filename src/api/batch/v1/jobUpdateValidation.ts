import { deepEqual } from "../../../apimachinery/equal.ts";
import { type FieldError, type FieldPath, fieldInvalid, root } from "../../../apimachinery/fieldErrors.ts";
import type { PodTemplateSpec } from "../../core/v1/podSpec.ts";
import { shownPodTemplate } from "../../core/v1/podSpecDump.ts";
import type { Job } from "./job.ts";
import { shownPodFailurePolicy, shownSelector, shownSuccessPolicy } from "./jobDump.ts";
import type { JobSpec } from "./jobMessages.ts";

const SPEC = root.child("spec");
const IMMUTABLE = "field is immutable";

/** In this order; how each is shown in the refusal. */
const FIXED: readonly (readonly [field: keyof JobSpec, show: (spec: JobSpec) => unknown])[] = [
  ["completionMode", (spec) => spec.completionMode],
  ["podFailurePolicy", (spec) => shownPodFailurePolicy(spec.podFailurePolicy)],
  ["backoffLimitPerIndex", (spec) => spec.backoffLimitPerIndex],
  ["managedBy", (spec) => spec.managedBy],
  ["successPolicy", (spec) => shownSuccessPolicy(spec.successPolicy)],
];

export function validateJobUpdate({ spec }: Job, old: Job): FieldError[] {
  const errors = validateCompletions(spec, old.spec, SPEC.child("completions"));
  if (!deepEqual(spec.selector, old.spec.selector)) {
    errors.push(fieldInvalid(SPEC.child("selector"), shownSelector(spec.selector), IMMUTABLE));
  }
  if (!deepEqual(spec.template, comparable(spec.template, old))) {
    errors.push(fieldInvalid(SPEC.child("template"), shownPodTemplate(spec.template), IMMUTABLE));
  }
  for (const [field, show] of FIXED) {
    if (!deepEqual(spec[field], old.spec[field])) errors.push(fieldInvalid(SPEC.child(field), show(spec), IMMUTABLE));
  }
  return errors;
}

/** Indexed Jobs grow and shrink, but only with as many Pods at a time as indexes. */
function validateCompletions(spec: JobSpec, old: JobSpec, path: FieldPath): FieldError[] {
  if (spec.completions === old.completions) return [];
  if (spec.completionMode !== "Indexed") return [fieldInvalid(path, spec.completions, IMMUTABLE)];
  if (spec.completions === undefined || spec.completions === spec.parallelism) return [];
  return [fieldInvalid(path, spec.completions, "can only be modified in tandem with spec.parallelism")];
}

/** The old template with those of the new one's fields that may change now: where Pods go, while there are none. */
function comparable(template: PodTemplateSpec, { spec, status }: Job): PodTemplateSpec {
  const isAtRest = spec.suspend === true && (status.startTime === undefined || isSuspended(status.conditions));
  if (!isAtRest) return spec.template;
  const { nodeSelector, tolerations, schedulingGates, affinity } = template.spec;
  const nodeAffinity = affinity?.nodeAffinity;
  const mixed = { ...spec.template.spec.affinity, nodeAffinity };
  const kept = Object.values(mixed).some((part) => part !== undefined) || affinity !== undefined;
  return {
    metadata: {
      ...spec.template.metadata,
      labels: template.metadata.labels,
      annotations: template.metadata.annotations,
    },
    spec: {
      ...spec.template.spec,
      ...{ nodeSelector, tolerations, schedulingGates, affinity: kept ? mixed : undefined },
      containers: withResources(spec.template.spec.containers, template.spec.containers),
      initContainers: withResources(spec.template.spec.initContainers, template.spec.initContainers),
    },
  } as PodTemplateSpec;
}

function isSuspended(conditions: Job["status"]["conditions"]): boolean {
  return conditions?.some(({ type, status }) => type === "Suspended" && status === "True") ?? false;
}

function withResources<C extends { name: string; resources?: unknown }>(
  old: readonly C[] | undefined,
  now: readonly C[] | undefined,
): readonly C[] | undefined {
  return old?.map((container) => {
    const asked = now?.find(({ name }) => name === container.name);
    return asked ? { ...container, resources: asked.resources } : container;
  });
}
