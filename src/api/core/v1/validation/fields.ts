/** Checks of single values that several validations share. */
import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldInvalidEach,
  fieldNotSupported,
  fieldRequired,
} from "../../../../apimachinery/fieldErrors.ts";
import {
  type Check,
  dns1123Label,
  dns1123Subdomain,
  labelValue,
  portName,
  portNumber,
  qualifiedName,
} from "../../../../apimachinery/validation/names.ts";

export const checked = (check: Check, value: string, path: FieldPath): FieldError[] =>
  fieldInvalidEach(path, value, check(value));

export const validateLabelKey = (value: string, path: FieldPath) => checked(qualifiedName, value, path);
export const validateLabel = (value: string, path: FieldPath) => checked(dns1123Label, value, path);
export const validateSubdomain = (value: string, path: FieldPath) => checked(dns1123Subdomain, value, path);

/** Required when empty, else checked. */
export function requiredAnd(check: Check, value: string | undefined, path: FieldPath): FieldError[] {
  return value ? checked(check, value, path) : [fieldRequired(path)];
}

/** Required when empty, else one of those listed. */
export function oneOf(value: string | undefined, supported: readonly string[], path: FieldPath): FieldError[] {
  return value ? supportedIn(value, supported, path) : [fieldRequired(path)];
}

export function supportedIn(value: string, supported: readonly string[], path: FieldPath): FieldError[] {
  return supported.includes(value) ? [] : [fieldNotSupported(path, value, supported)];
}

export function nonNegative(value: number | undefined, path: FieldPath): FieldError[] {
  return (value ?? 0) < 0 ? [fieldInvalid(path, value, "must be greater than or equal to 0")] : [];
}

export function validatePortNumber(port: number, path: FieldPath): FieldError[] {
  return fieldInvalidEach(path, port, portNumber(port));
}

/** A port by number, or by the name of a container's port. */
export function validatePort(port: number | string, path: FieldPath): FieldError[] {
  return typeof port === "number" ? validatePortNumber(port, path) : fieldInvalidEach(path, port, portName(port));
}

/** A plain map of labels; errors name the map, not the key, as those of metadata.labels do. */
export function validateLabels(labels: Record<string, string> | undefined, path: FieldPath): FieldError[] {
  return Object.entries(labels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, value]) => [...validateLabelKey(key, path), ...checked(labelValue, value, path)]);
}

/** The first that is equal to an earlier one is told, and each after it. */
export function repeated<T>(items: readonly T[], keyOf: (item: T) => string): number[] {
  const seen = new Set<string>();
  return items.flatMap((item, i) => {
    const key = keyOf(item);
    if (seen.has(key)) return [i];
    seen.add(key);
    return [];
  });
}
