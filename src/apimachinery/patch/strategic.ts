/**
 * Strategic merge patch: a merge patch that knows the schema. Lists declared with `.merge(key)` are merged item by
 * item, `.merge()` unites sets, and directives in the patch say what merging cannot:
 *   $patch: replace | delete             on an object, or on an item of a merged list
 *   $setElementOrder/<list>              the order that the merged list shall have
 *   $deleteFromPrimitiveList/<list>      values to take out of a set
 *   $retainKeys                          drop every field of the object that is not named
 */
import type { FieldSpec, Message } from "../schema.ts";
import { badPatch, noListOfLists, serverFault } from "./errors.ts";
import { jsonFields, messageOf } from "./jsonFields.ts";
import { checkOrder, orderLike } from "./order.ts";
import { isObject, type Json, type JsonObject } from "./value.ts";

const DIRECTIVE = "$patch";
const RETAIN_KEYS = "$retainKeys";
const DELETE_FROM = "$deleteFromPrimitiveList/";
const SET_ORDER = "$setElementOrder/";

/** Where in the schema the merge stands: a message; or undefined inside a map or in what the schema does not know. */
type At = Message | undefined;

/** Answers a new document, which shares what was not touched with the old one; `message` is the kind's schema. */
export function applyStrategicPatch(message: Message, document: unknown, patch: unknown): unknown {
  if (patch === null) return document;
  if (!isObject(patch)) throw badPatch("invalid JSON document");
  return mergeObject(document as JsonObject, patch, message);
}

function mergeObject(original: JsonObject, patch: JsonObject, at: At): JsonObject {
  if (Object.hasOwn(patch, DIRECTIVE)) return directed(patch);
  const merged: Record<string, Json> = retainKeys(original, patch);
  const done = mergeOrderedLists(merged, patch, at);
  for (const key of Object.keys(patch)) {
    if (key === RETAIN_KEYS || key.startsWith(SET_ORDER) || done.has(key)) continue;
    mergeField(merged, key, patch[key]!, at);
  }
  return merged;
}

/** An object that says itself what becomes of the original. */
function directed(patch: JsonObject): JsonObject {
  const { [DIRECTIVE]: directive, ...rest } = patch;
  if (directive === "replace") return rest;
  if (directive === "delete") return {};
  throw serverFault(`unknown patch type: ${String(directive)} in map: ${JSON.stringify(patch)}`);
}

function retainKeys(original: JsonObject, patch: JsonObject): Record<string, Json> {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return { ...original };
  const names = patch[RETAIN_KEYS];
  if (!Array.isArray(names)) throw badPatch("invalid patch format of retainKeys");
  const retained = new Set<Json>(names);
  for (const [key, value] of Object.entries(patch)) {
    const isDirective = key === RETAIN_KEYS || key.startsWith(DELETE_FROM) || key.startsWith(SET_ORDER);
    if (value !== null && !isDirective && !retained.has(key)) throw badPatch("invalid patch format of retainKeys");
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => retained.has(key)));
}

/** Merges the lists that come with an order of their own; answers the keys that are thereby dealt with. */
function mergeOrderedLists(merged: Record<string, Json>, patch: JsonObject, at: At): Set<string> {
  const done = new Set<string>();
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(SET_ORDER)) continue;
    const name = key.slice(SET_ORDER.length);
    const order = patch[key];
    if (!Array.isArray(order)) throw badPatch("invalid patch format of setElementOrder list");
    const [live, wanted] = [listAt(merged, name), listAt(patch, name)];
    if (live === undefined && wanted === undefined) continue;
    const field = fieldAt(at, name);
    if (wanted !== undefined) checkOrder(wanted, order, field?.mergeKey);
    merged[name] = orderLike(mergedList(live, wanted, field), order, live ?? [], field?.mergeKey);
    if (wanted !== undefined) done.add(name);
  }
  return done;
}

function mergedList(live: Json[] | undefined, wanted: Json[] | undefined, field: FieldSpec | undefined): Json[] {
  if (wanted === undefined) return live!;
  if (live === undefined) return withoutDirectives(wanted) as Json[];
  return mergeList(live, wanted, field, false);
}

function listAt(object: JsonObject, name: string): Json[] | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return Array.isArray(value) ? (value as Json[]) : undefined;
}

function mergeField(merged: Record<string, Json>, patchKey: string, value: Json, at: At): void {
  const isDeletion = patchKey.startsWith(DELETE_FROM);
  const key = isDeletion ? patchKey.slice(DELETE_FROM.length) : patchKey;
  if (value === null) {
    delete merged[key];
    return;
  }
  const live = Object.hasOwn(merged, key) ? merged[key] : undefined;
  if (isObject(live) && isObject(value)) {
    merged[key] = mergeStruct(live, value, fieldAt(at, key));
  } else if (Array.isArray(live) && Array.isArray(value)) {
    merged[key] = mergeList(live, value, fieldAt(at, key), isDeletion);
  } else if (!isDeletion) {
    const taken = withoutDirectives(value);
    if (taken === undefined) delete merged[key];
    else merged[key] = taken;
  }
}

function mergeStruct(live: JsonObject, value: JsonObject, field: FieldSpec | undefined): JsonObject {
  if (field !== undefined && strategies(field).includes("replace")) return value;
  return mergeObject(live, value, field?.repeated === undefined ? messageOf(field) : undefined);
}

function mergeList(live: Json[], wanted: Json[], field: FieldSpec | undefined, isDeletion: boolean): Json[] {
  if (!isDeletion && (field === undefined || !strategies(field).includes("merge"))) return wanted;
  if (live.length === 0 && wanted.length === 0) return live;
  if (!areObjects(live, wanted)) {
    if (isDeletion) return live.filter((value) => !wanted.includes(value));
    return orderLike([...new Set([...live, ...wanted])], wanted, live, undefined);
  }
  const key = field?.mergeKey;
  if (key === undefined) throw serverFault(`cannot merge lists without merge key for ${messageOf(field)?.name ?? ""}`);
  return mergeItems(live as JsonObject[], wanted as JsonObject[], key, messageOf(field));
}

/** Merges a list of objects, told apart by `key`. */
function mergeItems(live: JsonObject[], wanted: JsonObject[], key: string, at: At): Json[] {
  const plain = wanted.filter((item) => !Object.hasOwn(item, DIRECTIVE));
  const kept = applyItemDirectives(live, wanted, key);
  if (kept === undefined) return plain;
  const merged = [...kept];
  for (const item of plain) {
    if (!Object.hasOwn(item, key)) throw noMergeKey(item, key);
    const i = merged.findIndex((other) => other[key] === item[key]);
    if (i >= 0) merged[i] = mergeObject(merged[i]!, item, at);
    else merged.push(withoutDirectives(item) as JsonObject);
  }
  return orderLike(merged, plain, kept, key);
}

/** What deletions leave of a list; undefined when the patch replaces it whole. */
function applyItemDirectives(live: JsonObject[], wanted: JsonObject[], key: string): JsonObject[] | undefined {
  let kept: JsonObject[] | undefined = live;
  for (const item of wanted) {
    if (!Object.hasOwn(item, DIRECTIVE)) continue;
    if (item[DIRECTIVE] === "replace") kept = undefined;
    else if (item[DIRECTIVE] === "merge") throw serverFault("merging lists cannot yet be specified in the patch");
    else if (item[DIRECTIVE] !== "delete") directed(item);
    else if (!Object.hasOwn(item, key)) throw noMergeKey(item, key);
    else kept = kept?.filter((other) => other[key] !== item[key]);
  }
  return kept;
}

function areObjects(...lists: Json[][]): boolean {
  const items = lists.flat();
  if (items.some((item) => Array.isArray(item))) throw noListOfLists();
  const objects = items.filter(isObject).length;
  if (objects > 0 && objects < items.length) throw serverFault("list element types are not identical");
  return objects > 0;
}

/** A value that is new to the document: nulls and directives in it have nothing to act on. Undefined: nothing is left. */
export function withoutDirectives(value: Json): Json | undefined {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return undefined;
  const kept: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(value)) {
    const left = inner === null ? undefined : withoutDirectives(inner);
    if (left !== undefined) kept[key] = left;
  }
  return kept;
}

function fieldAt(at: At, name: string): FieldSpec | undefined {
  if (at === undefined) return undefined;
  const field = jsonFields(at).get(name);
  if (field !== undefined) return field;
  throw serverFault(`unable to find api field in struct ${goName(at)} for the json field "${name}"`);
}

const goName = (message: Message): string => message.name.slice(message.name.lastIndexOf(".") + 1);
const strategies = (field: FieldSpec): string[] => field.patchStrategy?.split(",") ?? [];

function noMergeKey(item: JsonObject, key: string): Error {
  return serverFault(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
}
