import { type FieldError, type FieldPath, fieldInvalid, fieldRequired } from "../../../../apimachinery/fieldErrors.ts";
import type { KeyToPath } from "../projections.ts";

/** No ".." may lead out of where the path begins. */
export function validateNoBacksteps(text: string, path: FieldPath): FieldError[] {
  return text.split("/").includes("..") ? [fieldInvalid(path, text, "must not contain '..'")] : [];
}

/** A relative path that stays below where it begins. */
export function validateDescendingPath(text: string, path: FieldPath): FieldError[] {
  const absolute = text.startsWith("/") ? [fieldInvalid(path, text, "must be a relative path")] : [];
  return [...absolute, ...validateNoBacksteps(text, path)];
}

/** The same, and its name is not one that atomic writers keep for themselves. */
export function validateNonReservedPath(text: string, path: FieldPath): FieldError[] {
  const errors = validateDescendingPath(text, path);
  if (text.startsWith("..") && !text.startsWith("../"))
    errors.push(fieldInvalid(path, text, "must not start with '..'"));
  return errors;
}

export function validateFileMode(mode: number | undefined, path: FieldPath): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [fieldInvalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive")];
}

export function validateKeyToPath({ key, path: target, mode }: KeyToPath, path: FieldPath): FieldError[] {
  return [
    ...(key === "" ? [fieldRequired(path.child("key"))] : []),
    ...(target === "" ? [fieldRequired(path.child("path"))] : []),
    ...validateNonReservedPath(target, path.child("path")),
    ...validateFileMode(mode, path.child("mode")),
  ];
}
