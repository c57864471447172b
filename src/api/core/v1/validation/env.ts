import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from "../../../../apimachinery/fieldErrors.ts";
import { parseQuantity } from "../../../../apimachinery/quantity.ts";
import { configMapKey, dns1123Subdomain, envVarName } from "../../../../apimachinery/validation/names.ts";
import type { EnvFromSource, EnvVar, FileKeySelector, ObjectFieldSelector, ResourceFieldSelector } from "../env.ts";
import { checked, requiredAnd, validateLabel, validateLabelKey } from "./fields.ts";
import { validateNonReservedPath } from "./paths.ts";

/** Fields of a Pod that containers can read, by where they may be read. */
const EVERYWHERE = ["metadata.name", "metadata.namespace", "metadata.uid"];
const IN_VARIABLES = [
  ...EVERYWHERE,
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
export const IN_FILES = ["metadata.annotations", "metadata.labels", ...EVERYWHERE];
const KNOWN = new Set([
  ...IN_VARIABLES,
  ...IN_FILES,
  "spec.host",
  "spec.restartPolicy",
  "spec.schedulerName",
  "status.phase",
]);
const MAPS = ["metadata.annotations", "metadata.labels"];

/** What is wrong with a field's label as such. */
function unknownField(version: string, path: string): string | undefined {
  if (version !== "v1") return `unsupported pod version: ${version}`;
  const map = /^(.*)\['.*'\]$/.exec(path)?.[1];
  if (map !== undefined && !MAPS.includes(map)) return `field label does not support subscript: ${path}`;
  return map !== undefined || KNOWN.has(path) ? undefined : `field label not supported: ${path}`;
}

export function validateFieldRef(
  { apiVersion = "", fieldPath }: ObjectFieldSelector,
  allowed: readonly string[],
  path: FieldPath,
): FieldError[] {
  if (apiVersion === "") return [fieldRequired(path.child("apiVersion"))];
  if (fieldPath === "") return [fieldRequired(path.child("fieldPath"))];
  const unknown = unknownField(apiVersion, fieldPath);
  if (unknown !== undefined) {
    return [fieldInvalid(path.child("fieldPath"), fieldPath, `error converting fieldPath: ${unknown}`)];
  }
  const [, map, key] = /^(.*)\['(.*)'\]$/.exec(fieldPath) ?? [];
  if (map !== undefined) return validateLabelKey(map === "metadata.annotations" ? key!.toLowerCase() : key!, path);
  const canonical = fieldPath === "spec.host" ? "spec.nodeName" : fieldPath;
  if (allowed.includes(canonical)) return [];
  return [fieldNotSupported(path.child("fieldPath"), canonical, [...allowed].sort())];
}

const RESOURCES = ["limits", "requests"].flatMap((of) => [`${of}.cpu`, `${of}.ephemeral-storage`, `${of}.memory`]);
const BYTE_DIVISORS = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];
const BYTES_TEXT = `only divisor's values ${BYTE_DIVISORS.join(", ")} are supported with the`;
const DIVISORS: readonly { of: RegExp; values: readonly string[]; text: string }[] = [
  { of: /\.cpu$/, values: ["1m", "1"], text: "only divisor's values 1m and 1 are supported with the cpu resource" },
  { of: /\.memory$/, values: BYTE_DIVISORS, text: `${BYTES_TEXT} memory resource` },
  { of: /\.ephemeral-storage$/, values: BYTE_DIVISORS, text: `${BYTES_TEXT} local ephemeral storage resource` },
  { of: /\.hugepages-/, values: BYTE_DIVISORS, text: `${BYTES_TEXT} hugepages resource` },
];

function validateDivisor(resource: string, divisor: string, path: FieldPath): FieldError[] {
  if (parseQuantity(divisor).milli() === 0n) return [];
  const rule = DIVISORS.find(({ of }) => of.test(resource));
  return rule === undefined || rule.values.includes(divisor)
    ? []
    : [fieldInvalid(path.child("divisor"), resource, rule.text)];
}

/** `named`: whose resources must be told, as a volume belongs to no container. */
export function validateResourceFieldRef(
  { containerName, resource, divisor }: ResourceFieldSelector,
  named: boolean,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (named && !containerName) errors.push(fieldRequired(path.child("containerName")));
  else if (resource === "") errors.push(fieldRequired(path.child("resource")));
  else if (!RESOURCES.includes(resource) && !/^(limits|requests)\.hugepages-/.test(resource)) {
    errors.push(fieldNotSupported(path.child("resource"), resource, RESOURCES));
  }
  return [...errors, ...validateDivisor(resource, divisor, path)];
}

function validateKeyRef(ref: { name?: string; key: string }, path: FieldPath): FieldError[] {
  return [
    ...checked(dns1123Subdomain, ref.name ?? "", path.child("name")),
    ...requiredAnd(configMapKey, ref.key, path.child("key")),
  ];
}

function validateFileKeyRef(ref: FileKeySelector, path: FieldPath): FieldError[] {
  const at = path.child("path");
  return [
    ...requiredAnd(envVarName, ref.key, path.child("key")),
    ...(ref.volumeName === ""
      ? [fieldRequired(path.child("volumeName"))]
      : validateLabel(ref.volumeName, path.child("volumeName"))),
    ...(ref.path === "" ? [fieldRequired(at)] : validateNonReservedPath(ref.path, at)),
  ];
}

const SOURCES = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";

function validateValueFrom({ value, valueFrom }: EnvVar, path: FieldPath): FieldError[] {
  if (valueFrom === undefined) return [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom;
  const errors: FieldError[] = [];
  if (fieldRef) errors.push(...validateFieldRef(fieldRef, IN_VARIABLES, path.child("fieldRef")));
  if (resourceFieldRef) {
    errors.push(...validateResourceFieldRef(resourceFieldRef, false, path.child("resourceFieldRef")));
  }
  if (configMapKeyRef) errors.push(...validateKeyRef(configMapKeyRef, path.child("configMapKeyRef")));
  if (secretKeyRef) errors.push(...validateKeyRef(secretKeyRef, path.child("secretKeyRef")));
  if (fileKeyRef) errors.push(...validateFileKeyRef(fileKeyRef, path.child("fileKeyRef")));
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  if (sources === 0) errors.push(fieldInvalid(path, "", `must specify one of: ${SOURCES}`));
  if (value) {
    if (sources > 0) errors.push(fieldInvalid(path, "", "may not be specified when `value` is not empty"));
  } else if (sources > 1) {
    errors.push(fieldInvalid(path, "", "may not have more than one field specified at a time"));
  }
  return errors;
}

export function validateEnv(variables: readonly EnvVar[], path: FieldPath): FieldError[] {
  return variables.flatMap((variable, i) => [
    ...requiredAnd(envVarName, variable.name, path.index(i).child("name")),
    ...validateValueFrom(variable, path.index(i).child("valueFrom")),
  ]);
}

export function validateEnvFrom(sources: readonly EnvFromSource[], path: FieldPath): FieldError[] {
  return sources.flatMap(({ prefix, configMapRef, secretRef }, i) => {
    const at = path.index(i);
    const errors = prefix ? checked(envVarName, prefix, at.child("prefix")) : [];
    if (configMapRef) {
      errors.push(...requiredAnd(dns1123Subdomain, configMapRef.name, at.child("configMapRef", "name")));
    }
    if (secretRef) errors.push(...requiredAnd(dns1123Subdomain, secretRef.name, at.child("secretRef", "name")));
    // these two name the list, not the item
    if (!configMapRef && !secretRef) {
      errors.push(fieldInvalid(path, "", "must specify one of: `configMapRef` or `secretRef`"));
    } else if (configMapRef && secretRef) {
      errors.push(fieldInvalid(path, "", "may not have more than one field specified at a time"));
    }
    return errors;
  });
}
