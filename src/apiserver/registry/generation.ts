import { deepEqual } from "../../apimachinery/equal.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";

/** A new object is in its first generation, if its kind counts them. */
export function startGeneration(kind: Kind, { metadata }: KubernetesObject): void {
  if (kind.generation) metadata.generation = 1;
  else delete metadata.generation;
}

/** The value at a dotted path. */
function valueAt(object: unknown, path: string): unknown {
  let at = object;
  for (const step of path.split(".")) at = (at as Record<string, unknown> | undefined)?.[step];
  return at;
}

/** Counts a change of the desired state. */
export function bumpGeneration(kind: Kind, updated: KubernetesObject, old: KubernetesObject): void {
  const fields = kind.generation;
  if (!fields) return;
  if (fields.some((field) => !deepEqual(valueAt(updated, field), valueAt(old, field)))) {
    updated.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
}
