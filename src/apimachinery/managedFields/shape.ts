/**
 * What ownership of fields needs to know of a schema, compiled once per message: where an object may be owned in
 * parts, and where only whole.
 */
import { ObjectMeta } from "../meta.ts";
import { jsonFields } from "../patch/jsonFields.ts";
import type { FieldSpec, Message, ScalarName } from "../schema.ts";

export type Shape =
  /** owned whole: scalars, atomic lists, maps and structs */
  | { readonly type: "leaf"; readonly scalar?: ScalarName; readonly of?: "list" | "map" }
  | { readonly type: "struct"; readonly slots: ReadonlyMap<string, Slot> }
  | { readonly type: "map"; readonly element: Shape }
  /** a list whose items are told apart by the values of their keys */
  | { readonly type: "keyed"; readonly element: Shape; readonly keys: readonly ListKey[] }
  | { readonly type: "set"; readonly element: Shape }
  /** any JSON: objects in parts, everything else whole */
  | { readonly type: "deduced" };

export interface Slot {
  /** the step in a FieldsV1, such as "f:replicas" */
  readonly step: string;
  readonly shape: Shape;
}

export interface ListKey {
  readonly name: string;
  /** `"name":` ready to be joined into a step */
  readonly prefix: string;
  readonly default?: unknown;
}

const ATOMIC_LIST: Shape = { type: "leaf", of: "list" };
const ATOMIC_MAP: Shape = { type: "leaf", of: "map" };
const DEDUCED: Shape = { type: "deduced" };
const LEAVES = new Map<ScalarName, Shape>();

function scalarShape(type: ScalarName): Shape {
  if (type === "rawExtension") return ATOMIC_MAP; // nobody but its writer knows what is within
  if (type === "json" || type === "fieldsV1") return DEDUCED;
  let leaf = LEAVES.get(type);
  if (leaf === undefined) {
    leaf = { type: "leaf", scalar: type };
    LEAVES.set(type, leaf);
  }
  return leaf;
}

const structs = new WeakMap<Message, Shape>();

function structShape(message: Message): Shape {
  return message.options.mapType === "atomic" ? ATOMIC_MAP : fieldsShape(message);
}

/** The shape of a message whose fields are owned one by one. */
function fieldsShape(message: Message): Shape {
  const known = structs.get(message);
  if (known !== undefined) return known;
  const slots = new Map<string, Slot>();
  const shape: Shape = { type: "struct", slots };
  structs.set(message, shape); // before the fields, since a message may hold itself
  for (const [name, field] of jsonFields(message)) slots.set(name, { step: `f:${name}`, shape: fieldShape(field) });
  return shape;
}

function fieldShape(field: FieldSpec): Shape {
  const element = typeof field.type === "string" ? scalarShape(field.type) : structShape(field.type);
  if (field.repeated === "list") return listShape(field, element);
  if (field.mapType === "atomic") return ATOMIC_MAP;
  if (field.mapType === "granular" && typeof field.type !== "string" && !field.repeated) return fieldsShape(field.type);
  return field.repeated === "map" ? { type: "map", element } : element;
}

function listShape(field: FieldSpec, element: Shape): Shape {
  if (field.listType === "set") return { type: "set", element };
  if (field.listType !== "map" || typeof field.type === "string") return ATOMIC_LIST;
  const fields = jsonFields(field.type);
  const keys = [...(field.listMapKeys ?? [])].sort().map((name) => {
    return { name, prefix: `${JSON.stringify(name)}:`, default: fields.get(name)?.default };
  });
  return { type: "keyed", element, keys };
}

/** What the server keeps in an object's metadata, and nobody owns. */
const UNOWNED_METADATA = new Set([
  "name",
  "namespace",
  "creationTimestamp",
  "selfLink",
  "uid",
  "generation",
  "managedFields",
  "resourceVersion",
]);
/** Fields that are there to be applied, but not to be owned. */
const UNOWNED = new Set(["apiVersion", "kind"]);

export interface RootShape {
  readonly type: "struct";
  readonly slots: ReadonlyMap<string, Slot>;
}

const metadataShape = withoutSlots(structShape(ObjectMeta) as RootShape, UNOWNED_METADATA);

function withoutSlots(shape: RootShape, names: ReadonlySet<string>): RootShape {
  return { type: "struct", slots: new Map([...shape.slots].filter(([name]) => !names.has(name))) };
}

const roots = new WeakMap<Message, Map<string, RootShape>>();

/**
 * The part of an object that may be owned through a subresource: of the resource itself everything but its status
 * (when that is written apart), through /status the status and the metadata.
 */
export function ownedShape(schema: Message, hasStatus: boolean, subresource: string): RootShape {
  let shapes = roots.get(schema);
  if (shapes === undefined) {
    shapes = new Map();
    roots.set(schema, shapes);
  }
  const part = hasStatus ? (subresource === "status" ? "status" : "main") : "all";
  let shape = shapes.get(part);
  if (shape === undefined) {
    shape = rootShape(schema, part);
    shapes.set(part, shape);
  }
  return shape;
}

function rootShape(schema: Message, part: "status" | "main" | "all"): RootShape {
  const slots = new Map<string, Slot>();
  for (const [name, slot] of (structShape(schema) as RootShape).slots) {
    if (UNOWNED.has(name) || !isIn(part, name)) continue;
    slots.set(name, name === "metadata" ? { step: slot.step, shape: metadataShape } : slot);
  }
  return { type: "struct", slots };
}

function isIn(part: "status" | "main" | "all", name: string): boolean {
  if (part === "all" || name === "metadata") return true;
  return (name === "status") === (part === "status");
}

/** The whole schema as a shape, nothing left out: what an applier may write. */
export function wholeShape(schema: Message): RootShape {
  return structShape(schema) as RootShape;
}

const empties = new WeakMap<Message, Record<string, unknown>>();

/** The object that has nothing set, against which a new object is held: values that are always there are zero. */
export function emptyObject(schema: Message): Record<string, unknown> {
  let empty = empties.get(schema);
  if (empty === undefined) {
    empty = zeroStruct(schema);
    empties.set(schema, empty);
  }
  return empty;
}

function zeroStruct(message: Message): Record<string, unknown> {
  const empty: Record<string, unknown> = {};
  for (const [name, field] of jsonFields(message)) if (field.presence === "always") empty[name] = zero(field);
  return empty;
}

function zero(field: FieldSpec): unknown {
  if (field.repeated !== undefined) return null;
  if (typeof field.type !== "string") return zeroStruct(field.type);
  switch (field.type) {
    case "bool":
      return false;
    case "int32":
    case "int64":
    case "double":
    case "intOrString":
      return 0;
    case "string":
    case "duration":
      return field.type === "string" ? "" : "0s";
    case "quantity":
      return "0";
    default:
      return null;
  }
}
