/**
 * `kubectl apply` without server-side apply keeps what was applied in an annotation. When its user changes over to
 * server-side apply, what that annotation says was theirs already: it conflicts with nobody, and is kept up to date.
 */
import { appliedFields } from "./appliedFields.ts";
import { compareObjects } from "./compare.ts";
import { difference, type FieldSet } from "./fieldSet.ts";
import type { RootShape } from "./shape.ts";

type Struct = Readonly<Record<string, unknown>>;

export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
/** The one manager for which this holds. */
export const KUBECTL = "kubectl";

function annotationsOf(object: Struct): Struct {
  const metadata = object.metadata as Struct | undefined;
  return (metadata?.annotations ?? {}) as Struct;
}

/** Fields that the annotation says were applied and that still have that value. */
export function lastAppliedFields(shape: RootShape, live: Struct): FieldSet {
  const text = annotationsOf(live)[LAST_APPLIED];
  const applied = typeof text === "string" ? parsed(text) : undefined;
  if (applied === undefined || applied.apiVersion !== live.apiVersion) return {};
  const { changed, removed } = compareObjects(shape, applied, live);
  return difference(difference(appliedFields(shape, applied), changed), removed);
}

/** What is no JSON object tells nothing. */
function parsed(text: string): Struct | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Struct) : undefined;
  } catch {
    return undefined;
  }
}

/** The object with the annotation, if it has one, saying what was just applied. */
export function withLastApplied(object: Struct, applied: Struct): Struct {
  const annotations = annotationsOf(object);
  if (!annotations[LAST_APPLIED]) return object;
  const metadata = object.metadata as Struct;
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: printed(applied) } } };
}

function printed(applied: Struct): string {
  const metadata = { ...((applied.metadata ?? {}) as Struct) };
  const { [LAST_APPLIED]: _, ...annotations } = annotationsOf(applied);
  return `${JSON.stringify(sorted({ ...applied, metadata: { ...metadata, annotations } }))}\n`;
}

/** Keys in order, as kubectl writes them: whoever compares texts sees no change where there is none. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
}
