/** Amounts that are a number or a share of something, such as 2 or "25%". */
import { type FieldError, type FieldPath, fieldInvalid, fieldInvalidEach } from "../fieldErrors.ts";
import { percent } from "./names.ts";

export type IntOrPercent = number | string;

const isPercent = (value: IntOrPercent): boolean => typeof value === "string" && percent(value).length === 0;

/** The number, or that before the percent sign; 0 for text that is no percentage. */
export function intOrPercentValue(value: IntOrPercent): number {
  if (typeof value === "number") return value;
  return Number(isPercent(value) ? value.slice(0, -1) : value) || 0;
}

export function validateIntOrPercent(value: IntOrPercent, path: FieldPath): FieldError[] {
  if (typeof value === "string") return fieldInvalidEach(path, value, percent(value));
  return value < 0 ? [fieldInvalid(path, value, "must be greater than or equal to 0")] : [];
}

export function validateAtMost100Percent(value: IntOrPercent, path: FieldPath): FieldError[] {
  if (!isPercent(value) || intOrPercentValue(value) <= 100) return [];
  return [fieldInvalid(path, value, "must not be greater than 100%")];
}
