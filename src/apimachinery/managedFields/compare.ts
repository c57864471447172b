import { type FieldSet, isEmpty, LEAF } from "./fieldSet.ts";
import type { ListKey, RootShape, Shape } from "./shape.ts";

export interface Comparison {
  /** added or changed */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

type Value = unknown;
type Struct = Readonly<Record<string, Value>>;

/** What differs between two objects, as far as the shape goes. */
export function compareObjects(shape: RootShape, live: Struct, updated: Struct): Comparison {
  const changed: FieldSet = {};
  const removed: FieldSet = {};
  compareStructs(shape, live, updated, changed, removed);
  return { changed, removed };
}

/** Writes what differs at `step` into the sets of the parent. */
function compare(shape: Shape, a: Value, b: Value, step: string, changed: FieldSet, removed: FieldSet): void {
  if (a === b) return;
  if (a === undefined) changed[step] = allFields(shape, b);
  else if (b === undefined) removed[step] = allFields(shape, a);
  else if (shape.type === "leaf" || (isVoid(a) && isVoid(b))) {
    if (!isSame(a, b)) changed[step] = LEAF;
  } else compareParts(shape, a, b, step, changed, removed);
}

function compareParts(shape: Shape, a: Value, b: Value, step: string, changed: FieldSet, removed: FieldSet): void {
  const more: FieldSet = {};
  const less: FieldSet = {};
  if (shape.type === "struct") compareStructs(shape, asStruct(a), asStruct(b), more, less);
  else if (shape.type === "map") compareMaps(shape.element, asStruct(a), asStruct(b), more, less);
  else if (shape.type === "keyed" || shape.type === "set") compareLists(shape, asList(a), asList(b), more, less);
  else if (isPlain(a) && isPlain(b)) compareMaps(shape, a, b, more, less);
  else if (!isSame(a, b)) changed[step] = LEAF;
  if (!isEmpty(more)) changed[step] = more;
  if (!isEmpty(less)) removed[step] = less;
}

function compareStructs(shape: RootShape, a: Struct, b: Struct, changed: FieldSet, removed: FieldSet): void {
  const { slots } = shape;
  for (const name in b) {
    const value = b[name];
    const before = a[name];
    if (value === before) continue;
    const slot = slots.get(name);
    if (slot !== undefined) compare(slot.shape, before, value, slot.step, changed, removed);
  }
  for (const name in a) {
    if (b[name] !== undefined) continue;
    const slot = slots.get(name);
    if (slot !== undefined) compare(slot.shape, a[name], undefined, slot.step, changed, removed);
  }
}

function compareMaps(element: Shape, a: Struct, b: Struct, changed: FieldSet, removed: FieldSet): void {
  for (const key in b) compare(element, a[key], b[key], `f:${key}`, changed, removed);
  for (const key in a) if (b[key] === undefined) compare(element, a[key], undefined, `f:${key}`, changed, removed);
}

type ListShape = Extract<Shape, { type: "keyed" | "set" }>;

function compareLists(
  shape: ListShape,
  a: readonly Value[],
  b: readonly Value[],
  changed: FieldSet,
  removed: FieldSet,
): void {
  const before = itemsByStep(shape, a);
  const after = itemsByStep(shape, b);
  for (const [step, items] of after) compareItems(shape, before.get(step), items, step, changed, removed);
  for (const [step, items] of before) {
    if (!after.has(step)) compareItems(shape, items, undefined, step, changed, removed);
  }
}

/** Items with equal keys, where there are several, are held against each other as one atomic value. */
function compareItems(
  shape: ListShape,
  a: readonly Value[] | undefined,
  b: readonly Value[] | undefined,
  step: string,
  changed: FieldSet,
  removed: FieldSet,
): void {
  const [before, after] = [a?.length ?? 0, b?.length ?? 0];
  if (before <= 1 && after <= 1) compare(shape.element, a?.[0], b?.[0], step, changed, removed);
  else if (before > 1 && after > 1) {
    if (!isSame(a, b)) changed[step] = LEAF;
  } else if (before > 1) {
    if (after === 1) changed[step] = allFields(shape.element, b![0]);
    removed[step] = LEAF;
  } else {
    if (before === 1) removed[step] = allFields(shape.element, a![0]);
    changed[step] = LEAF;
  }
}

export function itemsByStep(shape: ListShape, list: readonly Value[]): Map<string, Value[]> {
  const items = new Map<string, Value[]>();
  for (const item of list) {
    const step = itemStep(shape, item);
    const same = items.get(step);
    if (same === undefined) items.set(step, [item]);
    else same.push(item);
  }
  return items;
}

export function itemStep(shape: ListShape, item: Value): string {
  return shape.type === "set" ? `v:${JSON.stringify(item)}` : keyStep(shape.keys, item as Struct);
}

function keyStep(keys: readonly ListKey[], item: Struct): string {
  let step = "k:{";
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const value = item?.[key.name] ?? key.default;
    if (value === undefined) continue;
    step += (step.length === 3 ? "" : ",") + key.prefix + JSON.stringify(value);
  }
  return `${step}}`;
}

/** Everything that is set in a value: it itself, and all below it. */
function allFields(shape: Shape, value: Value): FieldSet {
  if (shape.type === "leaf" || isVoid(value)) return LEAF;
  const fields: FieldSet = { ".": LEAF };
  switch (shape.type) {
    case "struct":
      return allOfStruct(shape, value as Struct, fields);
    case "map":
      return allOfMap(shape.element, value as Struct, fields);
    case "deduced":
      return isPlain(value) ? allOfMap(shape, value, fields) : LEAF;
    default:
      return allOfList(shape, value as readonly Value[], fields);
  }
}

function allOfStruct(shape: RootShape, value: Struct, fields: FieldSet): FieldSet {
  for (const name in value) {
    const slot = shape.slots.get(name);
    if (slot !== undefined) fields[slot.step] = allFields(slot.shape, value[name]);
  }
  return fields;
}

function allOfMap(element: Shape, value: Struct, fields: FieldSet): FieldSet {
  for (const key in value) fields[`f:${key}`] = allFields(element, value[key]);
  return fields;
}

function allOfList(shape: ListShape, list: readonly Value[], fields: FieldSet): FieldSet {
  for (const item of list) {
    const step = itemStep(shape, item);
    fields[step] = step in fields ? LEAF : allFields(shape.element, item);
  }
  return fields;
}

/** Null, or a map or list without anything in it. */
function isVoid(value: Value): boolean {
  if (value === null) return true;
  if (typeof value !== "object") return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

function isPlain(value: Value): value is Struct {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const asStruct = (value: Value): Struct => (isPlain(value) ? value : {});
const asList = (value: Value): readonly Value[] => (Array.isArray(value) ? value : []);

export function isSame(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!isSame(a[i], b[i])) return false;
    return true;
  }
  return !Array.isArray(b) && isSameStruct(a as Struct, b as Struct);
}

function isSameStruct(a: Struct, b: Struct): boolean {
  let count = 0;
  for (const key in a) {
    if (a[key] === undefined) continue;
    if (!isSame(a[key], b[key])) return false;
    count++;
  }
  for (const key in b) if (b[key] !== undefined) count--;
  return count === 0;
}
