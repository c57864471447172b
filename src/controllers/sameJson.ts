import { deepEqual } from "../apimachinery/equal.ts";

/**
 * Whether two values are the same once what the API leaves out is left out: undefined, zero, empty. For deciding if a
 * status need be written: the server drops exactly that.
 */
export function sameWhenWritten(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isEmpty(a) && isEmpty(b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => sameWhenWritten(item, b[i]));
  }
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key of new Set([...Object.keys(x), ...Object.keys(y)])) {
    const same = key === "labels" || key === "annotations" ? sameText : sameWhenWritten;
    if (!same(x[key], y[key])) return false;
  }
  return true;
}

/** Labels and annotations: there, an empty text is not nothing. */
function sameText(a: unknown, b: unknown): boolean {
  return deepEqual(a ?? {}, b ?? {});
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === 0 || value === "" || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value as object).length === 0;
}
