/** What an applied configuration says: the set of its fields, and everything in it that the schema does not allow. */
import { goPrint } from "../patch/value.ts";
import { itemStep } from "./compare.ts";
import { type FieldSet, LEAF } from "./fieldSet.ts";
import type { RootShape, Shape } from "./shape.ts";

type Struct = Readonly<Record<string, unknown>>;
type Keyed = Extract<Shape, { type: "keyed" }>;

/** The fields that an applied object sets, as far as the shape goes. */
export function appliedFields(shape: RootShape, applied: Struct): FieldSet {
  return setOfStruct(shape, applied);
}

function setOfStruct(shape: RootShape, value: Struct): FieldSet {
  const set: FieldSet = {};
  for (const name of Object.keys(value)) {
    const slot = shape.slots.get(name);
    if (slot !== undefined) insert(set, slot.step, setOf(slot.shape, value[name]), false);
  }
  return set;
}

function setOfMap(element: Shape, value: Struct): FieldSet {
  const set: FieldSet = {};
  for (const key of Object.keys(value)) insert(set, `f:${key}`, setOf(element, value[key]), true);
  return set;
}

function setOfList(shape: Extract<Shape, { type: "keyed" | "set" }>, list: readonly unknown[]): FieldSet {
  const set: FieldSet = {};
  for (const item of list) insert(set, itemStep(shape, item), setOf(shape.element, item), true);
  return set;
}

/** Undefined: the value is nothing that could be owned, such as an empty list. */
function setOf(shape: Shape, value: unknown): FieldSet | undefined {
  if (value === null || shape.type === "leaf") return LEAF;
  if (Array.isArray(value)) {
    if (shape.type === "keyed" || shape.type === "set") return value.length > 0 ? setOfList(shape, value) : undefined;
    return LEAF;
  }
  if (typeof value !== "object") return LEAF;
  if (Object.keys(value).length === 0) return LEAF;
  return shape.type === "struct" ? setOfStruct(shape, value as Struct) : setOfMap(elementOf(shape), value as Struct);
}

const elementOf = (shape: Shape): Shape => (shape.type === "map" ? shape.element : shape);

/** Entries of maps and items of lists are owned themselves; fields of structs only where they end. */
function insert(set: FieldSet, step: string, below: FieldSet | undefined, itself: boolean): void {
  if (below === undefined) return;
  if (below === LEAF) set[step] = LEAF;
  else if (Object.keys(below).length === 0) insert(set, step, itself ? LEAF : undefined, itself);
  else set[step] = itself ? { ".": LEAF, ...below } : below;
}

/** Everything in an applied object that its schema does not allow, as the API says it. */
export function typeErrors(shape: RootShape, applied: unknown): string[] {
  return [...check(shape, applied, "")];
}

function* check(shape: Shape, value: unknown, path: string): Generator<string> {
  if (value === null || value === undefined) return;
  switch (shape.type) {
    case "leaf":
      return yield* checkLeaf(shape, value, path);
    case "struct":
      return yield* isStruct(value) ? checkStruct(shape, value, path) : [`${path}: expected map, got ${shown(value)}`];
    case "map":
      return yield* isStruct(value)
        ? checkMap(shape.element, value, path)
        : [`${path}: expected map, got ${shown(value)}`];
    case "keyed":
      return yield* Array.isArray(value)
        ? checkItems(shape, value, path)
        : [`${path}: expected list, got ${shown(value)}`];
    case "set":
      return yield* Array.isArray(value)
        ? checkSet(shape, value, path)
        : [`${path}: expected list, got ${shown(value)}`];
    default:
  }
}

function* checkStruct(shape: RootShape, value: Struct, path: string): Generator<string> {
  for (const name of Object.keys(value).sort()) {
    const slot = shape.slots.get(name);
    if (slot === undefined) yield `${path}.${name}: field not declared in schema`;
    else yield* check(slot.shape, value[name], `${path}.${name}`);
  }
}

function* checkMap(element: Shape, value: Struct, path: string): Generator<string> {
  for (const key of Object.keys(value).sort()) yield* check(element, value[key], `${path}.${key}`);
}

function* checkItems(shape: Keyed, list: readonly unknown[], path: string): Generator<string> {
  const seen = new Set<string>();
  for (const [i, item] of list.entries()) {
    const missing = isStruct(item) ? missingKey(shape, item) : undefined;
    if (!isStruct(item)) yield `${path}: element ${i}: associative list with keys may not have non-map elements`;
    else if (missing !== undefined) yield `${path}: element ${i}: ${missing}`;
    else yield* checkItem(shape, item, path, seen);
  }
}

function* checkItem(shape: Keyed, item: Struct, path: string, seen: Set<string>): Generator<string> {
  const key = printKey(shape, item);
  if (seen.has(key)) yield `${path}: duplicate entries for key ${key}`;
  seen.add(key);
  yield* check(shape.element, item, path + key);
}

function missingKey(shape: Keyed, item: Struct): string | undefined {
  const absent = shape.keys.find(({ name, default: value }) => (item[name] ?? value) === undefined);
  if (absent === undefined) return undefined;
  const what = "associative list with keys has an element that omits key field";
  return `${what} ${JSON.stringify(absent.name)} (and doesn't have default value)`;
}

function printKey(shape: Keyed, item: Struct): string {
  const keys = shape.keys.map((key) => `${key.name}=${JSON.stringify(item[key.name] ?? key.default)}`);
  return `[${keys.join(",")}]`;
}

function* checkSet(shape: Extract<Shape, { type: "set" }>, list: readonly unknown[], path: string): Generator<string> {
  const seen = new Set<string>();
  for (const item of list) {
    const key = `[=${JSON.stringify(item)}]`;
    if (seen.has(key)) yield `${path}: duplicate entries for key ${key}`;
    seen.add(key);
    yield* check(shape.element, item, path + key);
  }
}

function* checkLeaf(shape: Extract<Shape, { type: "leaf" }>, value: unknown, path: string): Generator<string> {
  if (shape.of === "list" && !Array.isArray(value)) yield `${path}: expected list, got ${shown(value)}`;
  if (shape.of === "map" && !isStruct(value)) yield `${path}: expected map, got ${shown(value)}`;
  switch (shape.scalar) {
    case undefined:
      return;
    case "bool":
      if (typeof value !== "boolean") yield `${path}: expected boolean, got ${shown(value)}`;
      return;
    case "int32":
    case "int64":
    case "double":
      if (typeof value !== "number") yield `${path}: expected numeric (int or float), got ${goType(value)}`;
      return;
    case "string":
    case "bytes":
    case "duration":
      if (typeof value !== "string") yield `${path}: expected string, got ${shownInFull(value)}`;
      return;
    case "stringList":
      if (!Array.isArray(value)) yield `${path}: expected list, got ${shown(value)}`;
      return;
    default:
      if (typeof value === "object") yield `${path}: expected any scalar, got ${shown(value)}`;
  }
}

const isStruct = (value: unknown): value is Struct =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const shown = (value: unknown): string => `&{${goPrint(value)}}`;
const shownInFull = (value: unknown): string => `&value.valueUnstructured{Value:${goLiteral(value)}}`;

function goLiteral(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : goPrint(value);
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "boolean") return "bool";
  return typeof value === "string" ? "string" : "map[string]interface {}";
}
