import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldInvalidEach,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import type { LabelSelector } from "../../../apimachinery/meta.ts";
import { labelSelector } from "../../../apimachinery/selectors.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/labelSelector.ts";
import { dns1123Label, dns1123Subdomain } from "../../../apimachinery/validation/names.ts";
import { validatePodTemplateSpec } from "../../core/v1/validation/podSpec.ts";
import { podSpecWarnings } from "../../core/v1/warnings/pod.ts";
import type { Job } from "./job.ts";
import { shownSelector, shownSuccessPolicy } from "./jobDump.ts";
import { CONTROLLER_UID, JOB_NAME, LEGACY_CONTROLLER_UID, LEGACY_JOB_NAME } from "./jobLabels.ts";
import type { JobSpec } from "./jobMessages.ts";
import { nonNegative, validatePodFailurePolicy, validateSuccessPolicy } from "./jobPolicyValidation.ts";

const SPEC = root.child("spec");
const MOST_PARALLEL_INDEXED = 100_000;
const MOST_FAILED_INDEXES = 100_000;
/** Beyond this many indexes with a limit each, only some may run or fail at a time: the status lists them. */
const MANY_COMPLETIONS = 100_000;
const MOST_PARALLEL_OF_MANY = 10_000;
const MOST_FAILED_OF_MANY = 10_000;
const LONGEST_MANAGER = 63;

/** Everything wrong with a Job; its selector has been made by then. */
export function validateJob(job: Job): FieldError[] {
  return [
    ...validateGeneratedSelector(job),
    ...validateJobSpec(job.spec, SPEC),
    ...validateSelector(job.spec),
    ...validateHostnames(job),
  ];
}

function validateSelector({ selector, template }: JobSpec): FieldError[] {
  const at = SPEC.child("selector");
  const errors = selector === undefined ? [fieldRequired(at)] : validateLabelSelector(selector, at);
  if (errors.length > 0 && selector !== undefined) return errors;
  const labels = template.metadata.labels;
  if (selector !== undefined && labelSelector(selector).matches(labels ?? {})) return errors;
  const why = "`selector` does not match template `labels`";
  return [...errors, fieldInvalid(SPEC.child("template", "metadata", "labels"), labels ?? null, why)];
}

/** A selector that the server made is about the labels that it made. */
function validateGeneratedSelector({ metadata, spec }: Job): FieldError[] {
  if (spec.manualSelector || spec.selector === undefined) return [];
  const { name = "", uid = "" } = metadata;
  const errors = uid === "" ? [fieldRequired(root.child("metadata", "uid"))] : [];
  const expected: Record<string, string> = {
    [LEGACY_CONTROLLER_UID]: uid,
    [LEGACY_JOB_NAME]: name,
    [CONTROLLER_UID]: uid,
    [JOB_NAME]: name,
  };
  const labels = spec.template.metadata.labels;
  const at = SPEC.child("template", "metadata", "labels");
  for (const [key, value] of Object.entries(expected)) {
    const found = labels?.[key];
    if (found === undefined) errors.push(fieldRequired(at.key(key), `must be '${value}'`));
    else if (found !== value) errors.push(fieldInvalid(at.key(key), labels, `must be '${value}'`));
  }
  if (isReadable(spec.selector) && !labelSelector(spec.selector).matches(expected)) {
    errors.push(fieldInvalid(SPEC.child("selector"), shownSelector(spec.selector), "`selector` not auto-generated"));
  }
  return errors;
}

const isReadable = (selector: LabelSelector) => validateLabelSelector(selector, SPEC).length === 0;

/** Pods of an Indexed Job are hosts called `<job>-<index>`. */
function validateHostnames({ metadata, spec }: Job): FieldError[] {
  const { completionMode, completions = 0 } = spec;
  if (completionMode !== "Indexed" || completions === 0) return [];
  const host = `${metadata.name ?? ""}-${completions - 1}`;
  if (completions > 0 ? dns1123Label(host).length === 0 : true) return [];
  const why = `will not able to create pod with invalid DNS label: ${host}`;
  return [fieldInvalid(root.child("metadata", "name"), metadata.name ?? "", why)];
}

/** A Job's specification, its selector excepted; also that of a CronJob's Jobs. */
export function validateJobSpec(spec: JobSpec, path: FieldPath): FieldError[] {
  const { podFailurePolicy, successPolicy } = spec;
  const errors = [...validateNumbers(spec, path), ...validateManager(spec, path), ...validateMode(spec, path)];
  if (podFailurePolicy) errors.push(...validatePodFailurePolicy(spec, path.child("podFailurePolicy")));
  if (successPolicy) {
    const at = path.child("successPolicy");
    if (spec.completionMode === "Indexed") errors.push(...validateSuccessPolicy(spec, at));
    else errors.push(fieldInvalid(at, shownSuccessPolicy(successPolicy), "requires indexed completion mode"));
  }
  return [
    ...errors,
    ...validateReplacement(spec, path.child("podReplacementPolicy")),
    ...validatePodTemplateSpec(spec.template, path.child("template")),
    ...validateRestartPolicy(spec, path.child("template", "spec", "restartPolicy")),
  ];
}

function validateNumbers(spec: JobSpec, path: FieldPath): FieldError[] {
  const { parallelism, completions, activeDeadlineSeconds, backoffLimit, ttlSecondsAfterFinished } = spec;
  const { backoffLimitPerIndex, maxFailedIndexes } = spec;
  const counts = { parallelism, completions, activeDeadlineSeconds, backoffLimit, ttlSecondsAfterFinished };
  const errors = Object.entries({ ...counts, backoffLimitPerIndex, maxFailedIndexes }).flatMap(([name, value]) =>
    nonNegative(value, path.child(name)),
  );
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    errors.push(fieldRequired(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified"));
  }
  return errors;
}

/** A controller's name is a domain and a path: example.com/batch. */
function validateManager({ managedBy }: JobSpec, path: FieldPath): FieldError[] {
  if (managedBy === undefined) return [];
  const at = path.child("managedBy");
  const errors = validateDomainPath(managedBy, at);
  if (managedBy.length > LONGEST_MANAGER) errors.push(fieldTooLong(at, managedBy, LONGEST_MANAGER));
  return errors;
}

const HTTP_PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

function validateDomainPath(value: string, path: FieldPath): FieldError[] {
  if (value === "") return [fieldRequired(path)];
  const slash = value.indexOf("/");
  if (slash <= 0 || slash === value.length - 1) {
    return [fieldInvalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const [domain, rest] = [value.slice(0, slash), value.slice(slash + 1)];
  const errors = fieldInvalidEach(path, domain, dns1123Subdomain(domain));
  if (!HTTP_PATH.test(rest)) {
    const expression = HTTP_PATH.source.slice(1, -1);
    errors.push(
      fieldInvalid(
        path,
        rest,
        `Invalid path (e.g. 'example.com/path', regex used for validation is '${expression.replaceAll("\\/", "/")}')`,
      ),
    );
  }
  return errors;
}

function validateMode(spec: JobSpec, path: FieldPath): FieldError[] {
  const { completionMode = "NonIndexed", backoffLimitPerIndex, maxFailedIndexes } = spec;
  if (completionMode === "Indexed") return validateIndexed(spec, path);
  const at = path.child("completionMode");
  if (completionMode !== "NonIndexed") return [fieldNotSupported(at, completionMode, ["NonIndexed", "Indexed"])];
  return Object.entries({ backoffLimitPerIndex, maxFailedIndexes })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => fieldInvalid(path.child(name), value, "requires indexed completion mode"));
}

function validateIndexed(spec: JobSpec, path: FieldPath): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes = 0, backoffLimitPerIndex } = spec;
  const [parallel, failed] = [path.child("parallelism"), path.child("maxFailedIndexes")];
  const errors: FieldError[] = [];
  const atMost = (at: FieldPath, value: number, most: number, when: string) => {
    if (value > most) errors.push(fieldInvalid(at, value, `must be less than or equal to ${most}${when}`));
  };
  if (completions === undefined) {
    errors.push(fieldRequired(path.child("completions"), "when completion mode is Indexed"));
  }
  atMost(parallel, parallelism, MOST_PARALLEL_INDEXED, " when completion mode is Indexed");
  if (completions !== undefined && maxFailedIndexes > completions) {
    errors.push(fieldInvalid(failed, maxFailedIndexes, "must be less than or equal to completions"));
  }
  atMost(failed, maxFailedIndexes, MOST_FAILED_INDEXES, "");
  if ((completions ?? 0) <= MANY_COMPLETIONS || backoffLimitPerIndex === undefined) return errors;
  if (spec.maxFailedIndexes === undefined) {
    errors.push(fieldRequired(failed, `must be specified when completions is above ${MANY_COMPLETIONS}`));
  }
  const when = ` when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  atMost(parallel, parallelism, MOST_PARALLEL_OF_MANY, when);
  atMost(failed, maxFailedIndexes, MOST_FAILED_OF_MANY, when);
  return errors;
}

function validateReplacement({ podReplacementPolicy, podFailurePolicy }: JobSpec, path: FieldPath): FieldError[] {
  if (podReplacementPolicy === undefined) return [];
  const supported = podFailurePolicy ? ["Failed"] : ["Failed", "TerminatingOrFailed"];
  return supported.includes(podReplacementPolicy) ? [] : [fieldNotSupported(path, podReplacementPolicy, supported)];
}

/** Always is what a template that says nothing is given, so it reads as not set. */
function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, path: FieldPath): FieldError[] {
  const { restartPolicy = "" } = template.spec;
  if (restartPolicy === "Always") return [fieldRequired(path, 'valid values: "OnFailure", "Never"')];
  if (restartPolicy !== "OnFailure" && restartPolicy !== "Never") {
    return [fieldNotSupported(path, restartPolicy, ["OnFailure", "Never"])];
  }
  if (podFailurePolicy === undefined || restartPolicy === "Never") return [];
  return [fieldInvalid(path, restartPolicy, 'only "Never" is supported when podFailurePolicy is specified')];
}

/** What is accepted in a Job, or in a CronJob's template, but hardly meant. */
export function jobSpecWarnings(spec: JobSpec, path: string): string[] {
  const { completionMode, completions = 0, parallelism = 0 } = spec;
  const many = completionMode === "Indexed" && completions > MANY_COMPLETIONS && parallelism > MOST_PARALLEL_OF_MANY;
  return [
    ...(many
      ? [
          "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes " +
            "might not be able to track completedIndexes when a big number of indexes fail",
        ]
      : []),
    ...podSpecWarnings(spec.template.spec).map((text) => text.replace(/^spec\./, `${path}.template.spec.`)),
  ];
}

/** Pods' names and hostnames begin with the object's. */
export function nameWarnings(name: string): string[] {
  const wrong = dns1123Label(name);
  if (wrong.length === 0) return [];
  const text =
    "this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended";
  return [`metadata.name: ${text}: [${wrong.join(" ")}]`];
}
