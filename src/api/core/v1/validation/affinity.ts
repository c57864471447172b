import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
} from "../../../../apimachinery/fieldErrors.ts";
import type { LabelSelector } from "../../../../apimachinery/meta.ts";
import { validateLabelSelector } from "../../../../apimachinery/validation/labelSelector.ts";
import { dns1123Label, dns1123Subdomain, labelValue } from "../../../../apimachinery/validation/names.ts";
import type {
  Affinity,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from "../affinity.ts";
import { checked, validateLabelKey } from "./fields.ts";

function validateValues({ operator, values = [] }: NodeSelectorRequirement, path: FieldPath): FieldError[] {
  const at = path.child("values");
  switch (operator) {
    case "In":
    case "NotIn":
      return values.length > 0 ? [] : [fieldRequired(at, "must be specified when `operator` is 'In' or 'NotIn'")];
    case "Exists":
    case "DoesNotExist":
      return values.length === 0
        ? []
        : [fieldForbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case "Gt":
    case "Lt":
      return values.length === 1
        ? []
        : [fieldRequired(at, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [fieldInvalid(path.child("operator"), operator, "not a valid selector operator")];
  }
}

/** `strict`: values must be possible labels; of a preference that can never hold, only a warning is given. */
function validateRequirement(requirement: NodeSelectorRequirement, strict: boolean, path: FieldPath): FieldError[] {
  const errors = [...validateValues(requirement, path), ...validateLabelKey(requirement.key, path.child("key"))];
  if (!strict) return errors;
  return [
    ...errors,
    ...(requirement.values ?? []).flatMap((value, i) => checked(labelValue, value, path.child("values").index(i))),
  ];
}

function validateFieldRequirement({ key, operator, values = [] }: NodeSelectorRequirement, path: FieldPath) {
  const errors: FieldError[] = [];
  const at = path.child("values");
  if (operator !== "In" && operator !== "NotIn") {
    errors.push(fieldInvalid(path.child("operator"), operator, "not a valid selector operator"));
  } else if (values.length !== 1) {
    const text = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(fieldRequired(at, text));
  }
  if (key !== "metadata.name") {
    return [...errors, fieldInvalid(path.child("key"), key, "not a valid field selector key")];
  }
  return [...errors, ...values.flatMap((value, i) => checked(dns1123Subdomain, value, at.index(i)))];
}

function validateTerm(term: NodeSelectorTerm, strict: boolean, path: FieldPath): FieldError[] {
  const { matchExpressions = [], matchFields = [] } = term;
  return [
    ...matchExpressions.flatMap((one, i) => validateRequirement(one, strict, path.child("matchExpressions").index(i))),
    ...matchFields.flatMap((one, i) => validateFieldRequirement(one, path.child("matchFields").index(i))),
  ];
}

export function validateNodeSelector({ nodeSelectorTerms }: NodeSelector, path: FieldPath): FieldError[] {
  const at = path.child("nodeSelectorTerms");
  if (!nodeSelectorTerms?.length) return [fieldRequired(at, "must have at least one node selector term")];
  return nodeSelectorTerms.flatMap((term, i) => validateTerm(term, true, at.index(i)));
}

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

function validateWeight(weight: number, path: FieldPath): FieldError[] {
  return weight > 0 && weight <= 100 ? [] : [fieldInvalid(path, weight, "must be in the range 1-100")];
}

export function validateNodeAffinity(affinity: NodeAffinity, path: FieldPath): FieldError[] {
  const required = affinity[REQUIRED];
  return [
    ...(required === undefined ? [] : validateNodeSelector(required, path.child(REQUIRED))),
    ...(affinity[PREFERRED] ?? []).flatMap(({ weight, preference }, i) => {
      const at = path.child(PREFERRED).index(i);
      return [
        ...validateWeight(weight, at.child("weight")),
        ...validateTerm(preference, false, at.child("preference")),
      ];
    }),
  ];
}

function selectorKeys(selector: LabelSelector): Set<string> {
  return new Set([
    ...Object.keys(selector.matchLabels ?? {}),
    ...(selector.matchExpressions ?? []).map(({ key }) => key),
  ]);
}

/** Keys whose values are taken from the Pod must have a selector to join, and not be in it already. */
export function validateMatchLabelKeys(
  keys: readonly string[],
  selector: LabelSelector | undefined,
  { path, name }: { path: FieldPath; name: string },
): FieldError[] {
  if (keys.length === 0) return [];
  const at = path.child(name);
  const errors = selector ? [] : [fieldForbidden(at, "must not be specified when labelSelector is not set")];
  const taken = selectorKeys(selector ?? {});
  for (const [i, key] of keys.entries()) {
    errors.push(...validateLabelKey(key, at.index(i)));
    if (taken.has(key)) errors.push(fieldInvalid(at.index(i), key, `exists in both ${name} and labelSelector`));
  }
  return errors;
}

/** Unlike those of spread constraints, these keys are merged into the selector when the Pod is created. */
function validateMergedKeys(term: PodAffinityTerm, path: FieldPath): FieldError[] {
  const { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector } = term;
  const errors: FieldError[] = [];
  for (const [name, keys] of Object.entries({ matchLabelKeys, mismatchLabelKeys })) {
    const at = path.child(name);
    if (keys.length > 0 && !labelSelector) {
      errors.push(fieldForbidden(at, "must not be specified when labelSelector is not set"));
    }
    errors.push(...keys.flatMap((key, i) => validateLabelKey(key, at.index(i))));
  }
  for (const [i, key] of matchLabelKeys.entries()) {
    if (mismatchLabelKeys.includes(key)) {
      errors.push(
        fieldInvalid(path.child("matchLabelKeys").index(i), key, "exists in both matchLabelKeys and mismatchLabelKeys"),
      );
    }
  }
  return errors;
}

function validatePodTerm(term: PodAffinityTerm, path: FieldPath): FieldError[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey } = term;
  return [
    ...(labelSelector ? validateLabelSelector(labelSelector, path.child("labelSelector")) : []),
    ...(namespaceSelector ? validateLabelSelector(namespaceSelector, path.child("namespaceSelector")) : []),
    ...namespaces.flatMap((name) => checked(dns1123Label, name, path.child("namespace"))),
    ...validateMergedKeys(term, path),
    ...(topologyKey === "" ? [fieldRequired(path.child("topologyKey"), "can not be empty")] : []),
    ...validateLabelKey(topologyKey, path.child("topologyKey")),
  ];
}

function validatePodAffinity(affinity: PodAffinity, path: FieldPath): FieldError[] {
  return [
    ...(affinity[REQUIRED] ?? []).flatMap((term, i) => validatePodTerm(term, path.child(REQUIRED).index(i))),
    ...(affinity[PREFERRED] ?? []).flatMap(({ weight, podAffinityTerm }, i) => {
      const at = path.child(PREFERRED).index(i);
      return [
        ...validateWeight(weight, at.child("weight")),
        ...validatePodTerm(podAffinityTerm, at.child("podAffinityTerm")),
      ];
    }),
  ];
}

export function validateAffinity(affinity: Affinity | undefined, path: FieldPath): FieldError[] {
  if (affinity === undefined) return [];
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  return [
    ...(nodeAffinity ? validateNodeAffinity(nodeAffinity, path.child("nodeAffinity")) : []),
    ...(podAffinity ? validatePodAffinity(podAffinity, path.child("podAffinity")) : []),
    ...(podAntiAffinity ? validatePodAffinity(podAntiAffinity, path.child("podAntiAffinity")) : []),
  ];
}
