import { itemStep } from "./compare.ts";
import { type FieldSet, isEmpty, isMember } from "./fieldSet.ts";
import type { RootShape, Shape } from "./shape.ts";

type Struct = Readonly<Record<string, unknown>>;
type ListShape = Extract<Shape, { type: "keyed" | "set" }>;

/**
 * Takes out of an object what its applier set before (`dropped`) and nobody sets any more (`kept` has every set that
 * still counts). A field that leads to an owned one counts as owned itself; an entry of a map or list does not.
 */
export function prune(shape: RootShape, object: Struct, dropped: FieldSet, kept: FieldSet): Struct {
  return pruneStruct(shape, object, dropped, kept);
}

function pruneValue(shape: Shape, value: unknown, dropped: FieldSet, kept: FieldSet): unknown {
  if (isEmpty(dropped)) return value;
  if (shape.type === "keyed" || shape.type === "set") {
    return Array.isArray(value) ? pruneList(shape, value, dropped, kept) : value;
  }
  if (shape.type === "leaf" || !isStruct(value)) return value;
  if (shape.type === "struct") return pruneStruct(shape, value, dropped, kept);
  return pruneMap(shape.type === "map" ? shape.element : shape, value, dropped, kept);
}

const NOTHING: FieldSet = {};

function pruneStruct(shape: RootShape, value: Struct, dropped: FieldSet, kept: FieldSet): Struct {
  const result: Record<string, unknown> = { ...value };
  for (const name of Object.keys(value)) {
    const slot = shape.slots.get(name);
    const mine = slot === undefined ? undefined : dropped[slot.step];
    if (slot === undefined || mine === undefined) continue;
    const others = kept[slot.step];
    if (others === undefined) delete result[name];
    else result[name] = pruneValue(slot.shape, value[name], mine, others);
  }
  return result;
}

function pruneMap(element: Shape, value: Struct, dropped: FieldSet, kept: FieldSet): Struct {
  const result: Record<string, unknown> = { ...value };
  for (const key of Object.keys(value)) {
    const step = `f:${key}`;
    const mine = dropped[step];
    if (mine === undefined) continue;
    if (isGone(mine, kept[step])) delete result[key];
    else result[key] = pruneValue(element, value[key], mine, kept[step] ?? NOTHING);
  }
  return result;
}

function pruneList(shape: ListShape, list: readonly unknown[], dropped: FieldSet, kept: FieldSet): unknown[] {
  const result: unknown[] = [];
  for (const item of list) {
    const step = itemStep(shape, item);
    const mine = dropped[step];
    if (mine === undefined) result.push(item);
    else if (!isGone(mine, kept[step])) result.push(pruneValue(shape.element, item, mine, kept[step] ?? NOTHING));
  }
  return result;
}

const isGone = (mine: FieldSet, others: FieldSet | undefined): boolean =>
  isMember(mine) && (others === undefined || !isMember(others));

function isStruct(value: unknown): value is Struct {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
