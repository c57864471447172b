import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  root,
} from "../../../../apimachinery/fieldErrors.ts";
import { parseQuantity, type Quantity } from "../../../../apimachinery/quantity.ts";
import { qualifiedName } from "../../../../apimachinery/validation/names.ts";
import type { LimitRange } from "../limitRange.ts";
import type { LimitRangeItem } from "../limitRangeMessages.ts";
import { checked } from "./fields.ts";
import { mayOvercommit, validateContainerResourceName, validateResourceName } from "./resources.ts";

const TYPES = ["Pod", "Container", "PersistentVolumeClaim"];
const LISTS = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;
type List = (typeof LISTS)[number];

export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const limits = spec.limits ?? [];
  return limits.flatMap((item, i) => {
    const path = root.child("spec", "limits").index(i);
    const earlier = limits.slice(0, i).some(({ type }) => type === item.type);
    return [
      ...validateType(item.type, path.child("type")),
      ...(earlier ? [fieldDuplicate(path.child("type"), item.type)] : []),
      ...validateItem(item, path),
    ];
  });
}

function validateType(type: string, path: FieldPath): FieldError[] {
  const errors = checked(qualifiedName, type, path);
  if (errors.length > 0 || type.includes("/") || TYPES.includes(type)) return errors;
  return [fieldInvalid(path, type, "must be a standard limit type or fully qualified")];
}

function validateItem(item: LimitRangeItem, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const ofPod = item.type === "Pod";
  const names = new Set<string>();
  for (const list of LISTS) {
    if (list === "maxLimitRequestRatio") errors.push(...validateClaimItem(item, path));
    const entries = Object.keys(item[list] ?? {}).sort();
    if (ofPod && list.startsWith("default")) {
      if (entries.length > 0) {
        errors.push(fieldForbidden(path.child(list), "may not be specified when `type` is 'Pod'"));
      }
      continue;
    }
    for (const name of entries) {
      errors.push(...validateName(item.type, name, path.child(list).key(name)));
      names.add(name);
    }
  }
  return [...errors, ...[...names].sort().flatMap((name) => validateBounds(item, name, path))];
}

function validateName(type: string, name: string, path: FieldPath): FieldError[] {
  const ofContainers = type === "Pod" || type === "Container";
  return ofContainers ? validateContainerResourceName(name, path) : validateResourceName(name, path);
}

function validateClaimItem({ type, min, max }: LimitRangeItem, path: FieldPath): FieldError[] {
  if (type !== "PersistentVolumeClaim" || min?.storage !== undefined || max?.storage !== undefined) return [];
  const why = "either minimum or maximum storage value is required, but neither was provided";
  return [fieldRequired(path.child("limits"), why)];
}

/** How the amounts of two lists must stand to each other: which may not be greater, and where that is told. */
const ORDER: readonly { less: List; more: List; at: List; shown: List }[] = [
  { less: "min", more: "max", at: "min", shown: "min" },
  { less: "min", more: "defaultRequest", at: "defaultRequest", shown: "defaultRequest" },
  { less: "defaultRequest", more: "max", at: "defaultRequest", shown: "defaultRequest" },
  { less: "defaultRequest", more: "default", at: "defaultRequest", shown: "defaultRequest" },
  { less: "min", more: "default", at: "default", shown: "min" },
  { less: "default", more: "max", at: "default", shown: "max" },
];
const CALLED: Record<List, string> = {
  max: "max value",
  min: "min value",
  default: "default value",
  defaultRequest: "default request value",
  maxLimitRequestRatio: "ratio",
};

/** Everything that is said of one resource. */
function validateBounds(item: LimitRangeItem, name: string, path: FieldPath): FieldError[] {
  const ofPod = item.type === "Pod";
  const of = (list: List): Quantity | undefined => {
    const text = ofPod && list.startsWith("default") ? undefined : item[list]?.[name];
    return text === undefined ? undefined : parseQuantity(text);
  };
  const errors: FieldError[] = [];
  for (const { less, more, at, shown } of ORDER) {
    const [small, great] = [of(less), of(more)];
    if (!small || !great || small.compare(great) <= 0) continue;
    const called = less === "defaultRequest" && more === "default" ? "default limit value" : CALLED[more];
    const why = `${CALLED[less]} ${small} is greater than ${called} ${great}`;
    errors.push(fieldInvalid(path.child(at).key(name), String(of(shown)), why));
  }
  const ratio = of("maxLimitRequestRatio");
  if (ratio) errors.push(...validateRatio(ratio, of("min"), of("max"), path.child("maxLimitRequestRatio").key(name)));
  const [limit, request] = [of("default"), of("defaultRequest")];
  if (limit && request && !mayOvercommit(name) && limit.compare(request) !== 0) {
    const why = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
    errors.push(fieldInvalid(path.child("defaultRequest").key(name), String(request), why));
  }
  return errors;
}

function validateRatio(
  ratio: Quantity,
  min: Quantity | undefined,
  max: Quantity | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (ratio.compare(parseQuantity("1")) < 0) {
    errors.push(fieldInvalid(path, String(ratio), `ratio ${ratio} is less than 1`));
  }
  if (!min || !max) return errors;
  const most = max.toNumber() / min.toNumber();
  if (ratio.toNumber() <= most) return errors;
  return [...errors, fieldInvalid(path, String(ratio), `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`)];
}
