import type { Kind } from "../kind.ts";
import type { KubernetesObject, ManagedFieldsEntry } from "../meta.ts";
import { failure } from "../status.ts";
import { formatTime } from "../time.ts";
import { appliedFields, typeErrors } from "./appliedFields.ts";
import { type Comparison, compareObjects, isSame } from "./compare.ts";
import { type Conflict, conflictError } from "./conflicts.ts";
import { capUpdaters, fieldsOf, isOf, type ManagerId, makeEntry, sortEntries, withFields } from "./entries.ts";
import { difference, type FieldSet, intersection, isEmpty, union } from "./fieldSet.ts";
import { KUBECTL, lastAppliedFields, withLastApplied } from "./lastApplied.ts";
import { mergeApplied } from "./merge.ts";
import { prune } from "./prune.ts";
import { emptyObject, ownedShape, wholeShape } from "./shape.ts";

/** Who holds the fields of an object that was never tracked, once it is first applied to. */
const BEFORE_FIRST_APPLY = "before-first-apply";

export interface Apply<T extends KubernetesObject = KubernetesObject> {
  kind: Kind<T>;
  /** what is stored now; undefined when the object is to be created */
  live: T | undefined;
  /** what the client sent, parsed and otherwise untouched: only what it wants to own */
  applied: unknown;
  manager: string;
  force: boolean;
  subresource?: string;
  /** ms since the epoch */
  now: number;
}

type Struct = Readonly<Record<string, unknown>>;

/**
 * Server-side apply: merges what the client wants into what is there, drops what it wanted before and nobody wants
 * any more, and refuses (409) to change what others own, unless forced. The object is not yet decoded or defaulted.
 */
export function applyObject<T extends KubernetesObject>(apply: Apply<T>): { object: KubernetesObject } {
  const { kind, now } = apply;
  const subresource = apply.subresource ?? "";
  const applied = checked(apply);
  const owned = ownedShape(kind.schema, kind.status === true, subresource);
  const live = (apply.live ?? emptyObject(kind.schema)) as unknown as Struct;
  const id: ManagerId = { manager: apply.manager, operation: "Apply", apiVersion: kind.apiVersion, subresource };
  const entries = entriesOf(apply);
  const others = entries.filter((entry) => !isOf(entry, id));
  const previous = entries.find((entry) => isOf(entry, id));

  const fields = appliedFields(owned, applied);
  const merged = mergeApplied(wholeShape(kind.schema), live, applied);
  const object = previous === undefined ? merged : prune(owned, merged, fieldsOf(previous), allOf(fields, others));
  const comparison = compareObjects(owned, live, object);
  if (!apply.force) {
    const mine = apply.manager === KUBECTL ? lastAppliedFields(owned, live) : {};
    refuseConflicts(others, difference(comparison.changed, mine));
  }

  const isChanged = previous === undefined || !isSame(live, object);
  const time = isChanged ? formatTime(now) : previous.time;
  const left = others.flatMap((entry) => without(entry, comparison));
  if (!isEmpty(fields)) left.push(makeEntry(id, fields, time));
  const result = apply.manager === KUBECTL ? withLastApplied(object, applied) : object;
  return { object: withEntries(result, sortEntries(capUpdaters(left))) };
}

function checked<T extends KubernetesObject>(apply: Apply<T>): Struct {
  const kind = apply.kind;
  const applied = apply.applied as KubernetesObject;
  const metadata = (applied.metadata ?? {}) as KubernetesObject["metadata"];
  if (metadata.managedFields !== undefined && metadata.managedFields !== null) {
    throw failure(400, "BadRequest", "metadata.managedFields must be nil");
  }
  const errors = typeErrors(wholeShape(kind.schema), applied);
  if (errors.length === 0) return applied as unknown as Struct;
  const group = kind.group === "" ? "/v1" : kind.apiVersion;
  const what = `${metadata.namespace ?? ""}/${metadata.name ?? ""}; ${group}, Kind=${kind.kind}`;
  const list = errors.length === 1 ? errors[0] : ["errors:", ...errors.map((error) => `  ${error}`)].join("\n");
  throw failure(500, "", `failed to create typed patch object (${what}): ${list}`);
}

function entriesOf<T extends KubernetesObject>({ kind, live, now }: Apply<T>): ManagedFieldsEntry[] {
  const entries = live?.metadata.managedFields ?? [];
  if (live === undefined || entries.length > 0) return entries;
  const shape = ownedShape(kind.schema, kind.status === true, "");
  const { changed } = compareObjects(shape, emptyObject(kind.schema), live as unknown as Struct);
  const id: ManagerId = {
    manager: BEFORE_FIRST_APPLY,
    operation: "Update",
    apiVersion: kind.apiVersion,
    subresource: "",
  };
  return [makeEntry(id, changed, formatTime(now))];
}

function allOf(fields: FieldSet, entries: readonly ManagedFieldsEntry[]): FieldSet {
  return entries.map(fieldsOf).reduce(union, fields);
}

function refuseConflicts(others: readonly ManagedFieldsEntry[], changed: FieldSet): void {
  const conflicts: Conflict[] = [];
  for (const entry of others) {
    const fields = intersection(fieldsOf(entry), changed);
    if (!isEmpty(fields)) conflicts.push({ entry, fields });
  }
  if (conflicts.length > 0) throw conflictError(conflicts);
}

function without(entry: ManagedFieldsEntry, { changed, removed }: Comparison): ManagedFieldsEntry[] {
  const before = fieldsOf(entry);
  const left = difference(difference(before, changed), removed);
  if (left === before) return [entry];
  return isEmpty(left) ? [] : [withFields(entry, left)];
}

function withEntries(object: Struct, managedFields: ManagedFieldsEntry[]): KubernetesObject {
  return { ...object, metadata: { ...(object.metadata as KubernetesObject["metadata"]), managedFields } };
}
