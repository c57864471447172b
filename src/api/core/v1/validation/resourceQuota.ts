import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldRequired,
  root,
} from "../../../../apimachinery/fieldErrors.ts";
import type { ResourceQuota } from "../resourceQuota.ts";
import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from "../resourceQuotaMessages.ts";
import { isHugePages, validateResourceAmount, validateResourceName } from "./resources.ts";

const SPEC = root.child("spec");
const COMPUTE = ["cpu", "memory"];
const OF_PODS = [...COMPUTE, ...COMPUTE.flatMap((name) => [`requests.${name}`, `limits.${name}`])];
const STANDARD = new Set([
  ...OF_PODS,
  "ephemeral-storage",
  "requests.ephemeral-storage",
  "limits.ephemeral-storage",
  "requests.storage",
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "persistentvolumeclaims",
  "configmaps",
  "services.nodeports",
  "services.loadbalancers",
]);
const isStandard = (name: string) => STANDARD.has(name) || isHugePages(name.replace(/^requests\./, ""));

const WITHOUT_VALUES = ["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity"];
const PODS = ["pods", ...OF_PODS];
/** Which of the standard resources can be counted in a scope. */
const COUNTED: Readonly<Record<string, readonly string[]>> = {
  Terminating: PODS,
  NotTerminating: PODS,
  NotBestEffort: PODS,
  PriorityClass: PODS,
  CrossNamespacePodAffinity: PODS,
  BestEffort: ["pods"],
  VolumeAttributesClass: ["persistentvolumeclaims", "requests.storage"],
};
const CONTRADICTIONS = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
];

export function validateResourceQuota({ spec }: ResourceQuota): FieldError[] {
  return [
    ...validateAmounts(spec.hard, SPEC.child("hard")),
    ...validateScopes(spec, SPEC.child("scopes")),
    ...validateSelector(spec, SPEC.child("scopeSelector", "matchExpressions")),
  ];
}

function validateAmounts(amounts: Record<string, string> | undefined, path: FieldPath): FieldError[] {
  return Object.entries(amounts ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, amount]) => {
      const at = path.key(name);
      const errors = validateResourceName(name, at);
      if (!name.includes("/") && !isStandard(name)) {
        errors.push(fieldInvalid(at, name, "must be a standard resource for quota"));
      }
      return [...errors, ...validateResourceAmount(name, amount, at)];
    });
}

/** One error for each bound that cannot be counted in the scope. */
function validateCounted(scope: string, hard: ResourceQuotaSpec["hard"], error: FieldError): FieldError[] {
  const counted = COUNTED[scope];
  if (!counted) return [];
  const others = Object.keys(hard ?? {}).filter((name) => isStandard(name) && !counted.includes(name));
  return others.map(() => error);
}

const contradict = (scopes: readonly string[]) =>
  CONTRADICTIONS.filter((pair) => pair.every((scope) => scopes.includes(scope)));

function validateScopes({ scopes = [], hard }: ResourceQuotaSpec, path: FieldPath): FieldError[] {
  const wrong = (why: string) => fieldInvalid(path, scopes, why);
  return [
    ...scopes.flatMap((scope) => [
      ...(COUNTED[scope] ? [] : [wrong("unsupported scope")]),
      ...validateCounted(scope, hard, wrong("unsupported scope applied to resource")),
    ]),
    ...contradict(scopes).map(() => wrong("conflicting scopes")),
  ];
}

function validateSelector({ scopeSelector, scopes, hard }: ResourceQuotaSpec, path: FieldPath): FieldError[] {
  if (scopeSelector === undefined) return [];
  const expressions = scopeSelector.matchExpressions ?? [];
  const shown = {
    MatchExpressions:
      scopeSelector.matchExpressions?.map(({ scopeName, operator, values }) => ({
        ScopeName: scopeName,
        Operator: operator,
        Values: values ?? null,
      })) ?? null,
  };
  return [
    ...expressions.flatMap((expression) => [
      ...(COUNTED[expression.scopeName]
        ? []
        : [fieldInvalid(path.child("scopeName"), expression.scopeName, "unsupported scope")]),
      ...validateCounted(
        expression.scopeName,
        hard,
        fieldInvalid(path, shown, "unsupported scope applied to resource"),
      ),
      ...validateOperator(expression, path),
    ]),
    ...contradict(expressions.map(({ scopeName }) => scopeName)).map(() =>
      fieldInvalid(path, scopes ?? null, "conflicting scopes"),
    ),
  ];
}

function validateOperator(
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (WITHOUT_VALUES.includes(scopeName) && operator !== "Exists") {
    const any =
      "ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, " +
      "ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
    errors.push(fieldInvalid(path.child("operator"), operator, `must be 'Exist' when scope is any of ${any}`));
  }
  if (operator === "In" || operator === "NotIn") {
    const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    if (values.length === 0) errors.push(fieldRequired(path.child("values"), why));
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    if (values.length > 0) errors.push(fieldInvalid(path.child("values"), values, why));
  } else errors.push(fieldInvalid(path.child("operator"), operator, "not a valid selector operator"));
  return errors;
}

/** What is counted may change, whom it is counted for may not. */
export function validateResourceQuotaUpdate({ spec }: ResourceQuota, old: ResourceQuota): FieldError[] {
  const [now, before] = [spec.scopes ?? [], old.spec.scopes ?? []].map((scopes) => [...new Set(scopes)].sort().join());
  if (now === before) return [];
  return [fieldInvalid(SPEC.child("scopes"), spec.scopes ?? null, "field is immutable")];
}

export function validateResourceQuotaStatusUpdate({ status }: ResourceQuota): FieldError[] {
  const at = root.child("status");
  return [...validateAmounts(status.hard, at.child("hard")), ...validateAmounts(status.used, at.child("used"))];
}
