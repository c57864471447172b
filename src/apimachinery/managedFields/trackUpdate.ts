import type { Kind } from "../kind.ts";
import type { KubernetesObject, ManagedFieldsEntry } from "../meta.ts";
import { formatTime } from "../time.ts";
import { type Comparison, compareObjects } from "./compare.ts";
import {
  areUsable,
  capUpdaters,
  fieldsOf,
  isOf,
  isReset,
  type ManagerId,
  makeEntry,
  sortEntries,
  withFields,
} from "./entries.ts";
import { difference, type FieldSet, isEmpty, union } from "./fieldSet.ts";
import { emptyObject, ownedShape } from "./shape.ts";
import { shared } from "./shared.ts";

export interface Update<T extends KubernetesObject = KubernetesObject> {
  kind: Kind<T>;
  /** what is stored now; undefined for a new object */
  live: T | undefined;
  /** what shall be stored, defaults filled in; its managedFields, if any, are taken as written by the client */
  updated: T;
  manager: string;
  /** "status", "scale", …; empty for the resource itself */
  subresource?: string;
  /** ms since the epoch */
  now: number;
}

/**
 * The managedFields of an object after a create, update or patch: the manager owns what it changed, and everyone
 * else loses that. Entries that did not change are handed over as they are.
 */
export function trackUpdate<T extends KubernetesObject>(update: Update<T>): ManagedFieldsEntry[] {
  const { kind, live, updated } = update;
  const subresource = update.subresource ?? "";
  const entries = entriesBefore(live, updated, subresource);
  if (live !== undefined && entries.length === 0 && live.metadata.uid) return entries; // was never tracked: stays so
  const id: ManagerId = { manager: update.manager, operation: "Update", apiVersion: kind.apiVersion, subresource };
  const shape = ownedShape(kind.schema, kind.status === true, subresource);
  const before = (live ?? emptyObject(kind.schema)) as Readonly<Record<string, unknown>>;
  const comparison = compareObjects(shape, before, updated as unknown as Readonly<Record<string, unknown>>);
  return takeOver(entries, id, comparison, update.now);
}

function entriesBefore(
  live: KubernetesObject | undefined,
  updated: KubernetesObject,
  subresource: string,
): ManagedFieldsEntry[] {
  const stored = live?.metadata.managedFields ?? [];
  if (subresource !== "") return stored;
  const given = updated.metadata.managedFields;
  if (given === stored) return stored;
  if (isReset(given)) return [];
  return areUsable(given) ? given : stored;
}

function takeOver(
  entries: ManagedFieldsEntry[],
  id: ManagerId,
  { changed, removed }: Comparison,
  now: number,
): ManagedFieldsEntry[] {
  const takes = !isEmpty(changed);
  if (!takes && isEmpty(removed)) return entries;
  const result: ManagedFieldsEntry[] = [];
  let own: FieldSet | undefined;
  let ownTime: string | undefined;
  for (const entry of entries) {
    if (isOf(entry, id)) {
      own = difference(fieldsOf(entry), removed);
      ownTime = entry.time;
    } else keepRest(result, entry, changed, removed);
  }
  const fields = own === undefined ? changed : union(own, changed);
  if (!isEmpty(fields)) result.push(makeEntry(id, shared(fields), takes ? formatTime(now) : ownTime));
  return sortEntries(capUpdaters(result));
}

function keepRest(result: ManagedFieldsEntry[], entry: ManagedFieldsEntry, ...taken: FieldSet[]): void {
  const before = fieldsOf(entry);
  const left = taken.reduce(difference, before);
  if (left === before) result.push(entry);
  else if (!isEmpty(left)) result.push(withFields(entry, left));
}

/** The name under which a client's fields are kept: what it asked for, or the first word of its User-Agent. */
export function managerName(fieldManager: string | undefined, userAgent: string | undefined): string {
  if (fieldManager) return fieldManager;
  const agent = (userAgent ?? "").split("/", 1)[0]!;
  return [...agent]
    .filter((char) => /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char))
    .slice(0, 128)
    .join("");
}
