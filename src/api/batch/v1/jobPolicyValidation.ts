import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldInvalidEach,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  fieldTooMany,
} from "../../../apimachinery/fieldErrors.ts";
import { qualifiedName } from "../../../apimachinery/validation/names.ts";
import { countIndexes, parseIndexes } from "./indexes.ts";
import type { JobSpec } from "./jobMessages.ts";
import type {
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from "./jobPolicyMessages.ts";

const ACTIONS = ["Count", "FailIndex", "FailJob", "Ignore"];
const OPERATORS = ["In", "NotIn"];
const STATUSES = ["False", "True", "Unknown"];
const MOST_RULES = 20;
const MOST_PATTERNS = 20;
const MOST_EXIT_CODES = 255;
const LONGEST_INDEXES = 64 * 1024;

/** Of an object as a whole, whose value is not shown. */
export const invalidWhole = (path: FieldPath, detail: string): FieldError => ({
  type: "FieldValueInvalid",
  field: path.toString(),
  message: `Invalid value: ${detail}`,
});

export const nonNegative = (value: number | undefined, path: FieldPath): FieldError[] =>
  value !== undefined && value < 0 ? [fieldInvalid(path, value, "must be greater than or equal to 0")] : [];

const listed = (values: readonly string[]) => `valid values: [${values.map((value) => `"${value}"`).join(" ")}]`;

function oneOf(value: string | undefined, values: readonly string[], path: FieldPath): FieldError[] {
  if (!value) return [fieldRequired(path, listed(values))];
  return values.includes(value) ? [] : [fieldNotSupported(path, value, values)];
}

export function validatePodFailurePolicy(spec: JobSpec, path: FieldPath): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const at = path.child("rules");
  const { containers = [], initContainers = [] } = spec.template.spec;
  const names = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name));
  return [
    ...(rules.length > MOST_RULES ? [fieldTooMany(at, rules.length, MOST_RULES)] : []),
    ...rules.flatMap((rule, i) => validateFailureRule(rule, spec, names, at.index(i))),
  ];
}

function validateFailureRule(
  { action, onExitCodes, onPodConditions = [] }: PodFailurePolicyRule,
  spec: JobSpec,
  containers: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const errors = oneOf(action, ACTIONS, path.child("action"));
  if (action === "FailIndex" && spec.backoffLimitPerIndex === undefined) {
    errors.push(fieldInvalid(path.child("action"), action, "requires the backoffLimitPerIndex to be set"));
  }
  if (onExitCodes) errors.push(...validateExitCodes(onExitCodes, containers, path.child("onExitCodes")));
  errors.push(...validatePatterns(onPodConditions, path.child("onPodConditions")));
  if (onExitCodes && onPodConditions.length > 0) {
    errors.push(invalidWhole(path, "specifying both OnExitCodes and OnPodConditions is not supported"));
  }
  if (!onExitCodes && onPodConditions.length === 0) {
    errors.push(invalidWhole(path, "specifying one of OnExitCodes and OnPodConditions is required"));
  }
  return errors;
}

function validatePatterns(patterns: readonly PodFailurePolicyOnPodConditionsPattern[], path: FieldPath): FieldError[] {
  return [
    ...(patterns.length > MOST_PATTERNS ? [fieldTooMany(path, patterns.length, MOST_PATTERNS)] : []),
    ...patterns.flatMap(({ type, status }, i) => [
      ...fieldInvalidEach(path.index(i).child("type"), type, qualifiedName(type)),
      ...oneOf(status, STATUSES, path.index(i).child("status")),
    ]),
  ];
}

function validateExitCodes(
  { operator, containerName, values }: PodFailurePolicyOnExitCodesRequirement,
  containers: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const errors = oneOf(operator, OPERATORS, path.child("operator"));
  if (containerName !== undefined && !containers.has(containerName)) {
    const why = "must be one of the container or initContainer names in the pod template";
    errors.push(fieldInvalid(path.child("containerName"), containerName, why));
  }
  const codes = values ?? [];
  const at = path.child("values");
  if (codes.length === 0) errors.push(fieldInvalid(at, values, "at least one value is required"));
  if (codes.length > MOST_EXIT_CODES) errors.push(fieldTooMany(at, codes.length, MOST_EXIT_CODES));
  for (const [i, code] of codes.entries()) {
    if (operator === "In" && code === 0) {
      errors.push(fieldInvalid(at.index(i), code, "must not be 0 for the In operator"));
    }
    if (codes.indexOf(code) < i) errors.push(fieldDuplicate(at.index(i), code));
  }
  if (codes.some((code, i) => i > 0 && codes[i - 1]! > code)) errors.push(fieldInvalid(at, codes, "must be ordered"));
  return errors;
}

export function validateSuccessPolicy(spec: JobSpec, path: FieldPath): FieldError[] {
  const rules = spec.successPolicy?.rules ?? [];
  const at = path.child("rules");
  const errors: FieldError[] = [];
  if (rules.length === 0) {
    errors.push(fieldRequired(at, "at least one rules must be specified when the successPolicy is specified"));
  }
  if (rules.length > MOST_RULES) errors.push(fieldTooMany(at, rules.length, MOST_RULES));
  return [...errors, ...rules.flatMap((rule, i) => validateSuccessRule(rule, spec.completions ?? 0, at.index(i)))];
}

function validateSuccessRule(
  { succeededIndexes, succeededCount }: SuccessPolicyRule,
  completions: number,
  path: FieldPath,
): FieldError[] {
  if (succeededCount === undefined && succeededIndexes === undefined) {
    return [fieldRequired(path, "at least one of succeededCount or succeededIndexes must be specified")];
  }
  const errors: FieldError[] = [];
  const indexes = path.child("succeededIndexes");
  if ((succeededIndexes?.length ?? 0) > LONGEST_INDEXES) {
    errors.push(fieldTooLong(indexes, succeededIndexes, LONGEST_INDEXES));
  }
  let total: number | undefined;
  if (succeededIndexes !== undefined) {
    const parsed = indexesIn(succeededIndexes, completions);
    if (parsed.error) {
      errors.push(fieldInvalid(indexes, succeededIndexes, `error parsing succeededIndexes: ${parsed.error}`));
    }
    total = parsed.total;
  }
  if (succeededCount === undefined) return errors;
  const at = path.child("succeededCount");
  errors.push(...nonNegative(succeededCount, at));
  const atMost = (most: number, what: string) =>
    fieldInvalid(at, succeededCount, `must be less than or equal to ${most} (the number of ${what})`);
  if (succeededCount > completions) errors.push(atMost(completions, "specified completions"));
  if (total !== undefined && succeededCount > total) {
    errors.push(atMost(total, "indexes in the specified succeededIndexes field"));
  }
  return errors;
}

/** How many indexes are written, or why it cannot be read. */
export function indexesIn(text: string, completions: number): { total: number; error?: string } {
  try {
    return { total: countIndexes(parseIndexes(text, completions)) };
  } catch (error) {
    return { total: 0, error: (error as Error).message };
  }
}
