import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotFound,
  fieldRequired,
} from "../../../../apimachinery/fieldErrors.ts";
import { parseQuantity } from "../../../../apimachinery/quantity.ts";
import { qualifiedName } from "../../../../apimachinery/validation/names.ts";
import type { ContainerResizePolicy, ResourceClaim, ResourceRequirements } from "../container.ts";
import { checked, oneOf } from "./fields.ts";

const HUGE_PAGES = "hugepages-";
const OF_CONTAINERS = ["cpu", "memory", "ephemeral-storage"];
const COUNTED = [
  "pods",
  "services",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
];
const OF_QUOTAS = [
  ...OF_CONTAINERS.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  "storage",
  "requests.storage",
];
const STANDARD = new Set([...OF_CONTAINERS, ...COUNTED, ...OF_QUOTAS]);

export const isHugePages = (name: string) => name.startsWith(HUGE_PAGES);
const isNative = (name: string) => !name.includes("/") || name.includes("kubernetes.io/");
/** A resource of a vendor, such as example.com/gpu. */
export const isExtendedResource = (name: string) =>
  !isNative(name) && !name.startsWith("requests.") && qualifiedName(`requests.${name}`).length === 0;
export const mayOvercommit = (name: string) => isNative(name) && !isHugePages(name);
const isWhole = (name: string) => COUNTED.includes(name) || isExtendedResource(name);

const compare = (a: string, b: string) => {
  const [left, right] = [parseQuantity(a), parseQuantity(b)];
  return left.compare(right);
};
export const isNegative = (amount: string) => compare(amount, "0") < 0;

export function validateResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = checked(qualifiedName, name, path);
  if (errors.length > 0 || name.includes("/")) return errors;
  const known = STANDARD.has(name) || isHugePages(name) || name.startsWith(`requests.${HUGE_PAGES}`);
  return known ? [] : [fieldInvalid(path, name, "must be a standard resource type or fully qualified")];
}

export function validateContainerResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = validateResourceName(name, path);
  if (!name.includes("/")) {
    if (!OF_CONTAINERS.includes(name) && !isHugePages(name)) {
      errors.push(fieldInvalid(path, name, "must be a standard resource for containers"));
    }
  } else if (!isNative(name) && !isExtendedResource(name)) {
    errors.push(fieldInvalid(path, name, "doesn't follow extended resource name standard"));
  }
  return errors;
}

export function validateResourceAmount(name: string, amount: string, path: FieldPath): FieldError[] {
  const errors = isNegative(amount) ? [fieldInvalid(path, amount, "must be greater than or equal to 0")] : [];
  if (isWhole(name) && parseQuantity(amount).milli() % 1000n !== 0n) {
    errors.push(fieldInvalid(path, amount, "must be an integer"));
  }
  return errors;
}

const sortedEntries = (map: Record<string, string> | undefined) =>
  Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));

function validateRequest(
  [name, amount]: [string, string],
  limits: Record<string, string>,
  path: FieldPath,
): FieldError[] {
  const requests = path.child("requests");
  const limit = limits[name];
  if (limit === undefined) {
    if (mayOvercommit(name)) return [];
    return [fieldRequired(path.child("limits"), "Limit must be set for non overcommitable resources")];
  }
  const order = compare(amount, limit);
  if (order !== 0 && !mayOvercommit(name)) {
    return [fieldInvalid(requests, amount, `must be equal to ${name} limit of ${limit}`)];
  }
  return order > 0 ? [fieldInvalid(requests, amount, `must be less than or equal to ${name} limit of ${limit}`)] : [];
}

/** What a container, or a whole Pod, asks for and may use at most. */
export function validateResourceRequirements(
  resources: ResourceRequirements | undefined,
  claims: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const { limits = {}, requests = {} } = resources ?? {};
  const errors: FieldError[] = [];
  for (const [name, amount] of sortedEntries(limits)) {
    const at = path.child("limits").key(name);
    errors.push(...validateContainerResourceName(name, at), ...validateResourceAmount(name, amount, at));
  }
  for (const [name, amount] of sortedEntries(requests)) {
    const at = path.child("requests").key(name);
    errors.push(...validateContainerResourceName(name, at), ...validateResourceAmount(name, amount, at));
    errors.push(...validateRequest([name, amount], limits, path));
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes("cpu") && !names.includes("memory")) {
    errors.push(fieldForbidden(path, "HugePages require cpu or memory"));
  }
  return [...errors, ...validateClaims(resources?.claims ?? [], claims, path.child("claims"))];
}

function validateClaims(used: readonly ResourceClaim[], claims: ReadonlySet<string>, path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return used.flatMap(({ name, request }, i) => {
    if (name === "") return [fieldRequired(path.index(i))];
    const key = request ? `${name}/${request}` : name;
    const errors = seen.has(key) ? [fieldDuplicate(path.index(i), key)] : [];
    seen.add(key);
    return claims.has(name) ? errors : [...errors, fieldNotFound(path.index(i), name)];
  });
}

/** Errors name the list, not the item. */
export function validateResizePolicy(
  policies: readonly ContainerResizePolicy[],
  podRestartPolicy: string,
  path: FieldPath,
): FieldError[] {
  const seen = new Set<string>();
  return policies.flatMap(({ resourceName, restartPolicy }, i) => {
    const errors = seen.has(resourceName) ? [fieldDuplicate(path.index(i), resourceName)] : [];
    seen.add(resourceName);
    errors.push(...oneOf(resourceName, ["cpu", "memory"], path));
    errors.push(...oneOf(restartPolicy, ["NotRequired", "RestartContainer"], path));
    if (podRestartPolicy === "Never" && restartPolicy !== "NotRequired") {
      errors.push(fieldInvalid(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    }
    return errors;
  });
}
