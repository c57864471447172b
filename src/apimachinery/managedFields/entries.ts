/** The entries of `metadata.managedFields`: who they belong to, in which order they stand, how many there may be. */
import type { ManagedFieldsEntry } from "../meta.ts";
import { type FieldSet, union } from "./fieldSet.ts";

/** As many managers as may hold fields by updates; the oldest are put together beyond that. */
const MAX_UPDATE_MANAGERS = 10;
const ANCIENT = "ancient-changes";

export type Operation = "Apply" | "Update";

/** What tells managers apart: one name may write by different operations, versions and subresources. */
export interface ManagerId {
  readonly manager: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  readonly subresource: string;
}

export function isOf(entry: ManagedFieldsEntry, id: ManagerId): boolean {
  return (
    entry.manager === id.manager &&
    entry.operation === id.operation &&
    entry.apiVersion === id.apiVersion &&
    (entry.subresource ?? "") === id.subresource
  );
}

export function fieldsOf(entry: ManagedFieldsEntry): FieldSet {
  return (entry.fieldsV1 ?? {}) as FieldSet;
}

export function makeEntry(id: ManagerId, fields: FieldSet, time: string | undefined): ManagedFieldsEntry {
  const entry: ManagedFieldsEntry = {
    manager: id.manager,
    operation: id.operation,
    apiVersion: id.apiVersion,
    time,
    fieldsType: "FieldsV1",
    fieldsV1: fields,
  };
  if (time === undefined) delete entry.time;
  if (id.manager === "") delete entry.manager;
  if (id.subresource !== "") entry.subresource = id.subresource;
  return entry;
}

/** The same entry with other fields; the time stays, since its manager did nothing. */
export function withFields(entry: ManagedFieldsEntry, fields: FieldSet): ManagedFieldsEntry {
  return { ...entry, fieldsV1: fields };
}

/** Appliers first, then by time and by name. */
export function sortEntries(entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  return entries.length < 2 ? entries : entries.sort(compareEntries);
}

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    order(a.operation, b.operation) ||
    order(a.time, b.time) ||
    order(a.manager, b.manager) ||
    order(a.apiVersion, b.apiVersion) ||
    order(a.subresource, b.subresource)
  );
}

function order(a = "", b = ""): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Puts the oldest updaters of each version together until there are few enough. */
export function capUpdaters(entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const updaters = entries.filter((entry) => entry.operation === "Update");
  let surplus = updaters.length - MAX_UPDATE_MANAGERS;
  if (surplus <= 0) return entries;
  const kept = new Set(entries);
  const buckets = new Map<string, ManagedFieldsEntry>();
  for (const entry of updaters.sort((a, b) => order(a.time, b.time) || order(a.manager, b.manager))) {
    if (surplus <= 0) break;
    const bucket = buckets.get(entry.apiVersion ?? "");
    const merged = bucket === undefined ? entry : putTogether(bucket, entry);
    buckets.set(entry.apiVersion ?? "", merged);
    if (bucket === undefined) continue;
    kept.delete(bucket);
    kept.delete(entry);
    kept.add(merged);
    surplus--;
  }
  return [...kept];
}

function putTogether(bucket: ManagedFieldsEntry, entry: ManagedFieldsEntry): ManagedFieldsEntry {
  const id: ManagerId = { manager: ANCIENT, operation: "Update", apiVersion: entry.apiVersion ?? "", subresource: "" };
  return makeEntry(id, union(fieldsOf(bucket), fieldsOf(entry)), entry.time);
}

/** Clients may write the entries themselves: one empty entry means that they want none kept. */
export function isReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  return entries?.length === 1 && Object.values(entries[0]!).every((value) => value === "" || value === undefined);
}

export function areUsable(entries: readonly ManagedFieldsEntry[] | undefined): entries is ManagedFieldsEntry[] {
  if (entries === undefined || entries === null || entries.length === 0) return false;
  return entries.every(
    (entry) => (entry.operation === "Apply" || entry.operation === "Update") && entry.fieldsType === "FieldsV1",
  );
}
