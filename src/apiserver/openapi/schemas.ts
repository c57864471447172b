import type { FieldSpec, Message, ScalarName } from "../../apimachinery/schema.ts";
import { type Definition, scalarDefinitions } from "./definitions.ts";

/** The two forms of documents differ in how they refer to definitions, and in what stands beside a reference. */
export interface Dialect {
  version: 2 | 3;
  ref(name: string): string;
}

type Schema = Record<string, unknown>;

const PLAIN: Partial<Record<ScalarName, Schema>> = {
  string: { type: "string" },
  bool: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  double: { type: "number", format: "double" },
  bytes: { type: "string", format: "byte" },
};

/** The schema of a definition. */
export function definitionSchema({ message, gvks }: Definition, dialect: Dialect): Schema {
  const properties: Schema = {};
  const required: string[] = [];
  addFields(message, properties, required, dialect);
  return {
    ...(message.options.doc && { description: message.options.doc }),
    type: "object",
    ...(required.length > 0 && { required }),
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(gvks.length > 0 && { "x-kubernetes-group-version-kind": gvks }),
    ...(message.options.mapType && { "x-kubernetes-map-type": message.options.mapType }),
    ...message.options.extensions,
  };
}

const TYPE_META: Record<string, string> = {
  apiVersion: "The version in which this object is written, such as v1 or apps/v1.",
  kind: "The kind of this object, in CamelCase.",
};

function addFields(message: Message, properties: Schema, required: string[], dialect: Dialect): void {
  for (const [name, { spec }] of Object.entries(message.fields)) {
    if (spec.presence === "inline") {
      addFields(spec.type as Message, properties, required, dialect);
      continue;
    }
    const doc = spec.doc ?? (spec.number === 0 ? TYPE_META[name] : undefined);
    properties[name] = { ...(doc && { description: doc }), ...fieldSchema(spec, dialect) };
    if (spec.required) required.push(name);
  }
}

function fieldSchema(spec: FieldSpec, dialect: Dialect): Schema {
  return {
    ...typeSchema(spec, dialect),
    ...(dialect.version === 3 && spec.default !== undefined && { default: spec.default }),
    ...(spec.enum && { enum: spec.enum }),
    ...(spec.listType && { "x-kubernetes-list-type": spec.listType }),
    ...(spec.listMapKeys && { "x-kubernetes-list-map-keys": spec.listMapKeys }),
    ...(spec.mapType && { "x-kubernetes-map-type": spec.mapType }),
    ...(spec.mergeKey && { "x-kubernetes-patch-merge-key": spec.mergeKey }),
    ...(spec.patchStrategy && { "x-kubernetes-patch-strategy": spec.patchStrategy }),
  };
}

function typeSchema(spec: FieldSpec, dialect: Dialect): Schema {
  if (spec.repeated === "list") return { type: "array", items: itemSchema(spec, dialect, true) };
  if (spec.repeated === "map") return { type: "object", additionalProperties: itemSchema(spec, dialect, true) };
  return itemSchema(spec, dialect, spec.presence === "always" && spec.default === undefined);
}

/** `value`: the type is no pointer, which v3 documents show by a default. */
function itemSchema({ type }: FieldSpec, dialect: Dialect, value: boolean): Schema {
  if (type === "stringList")
    return { type: "array", items: { type: "string", ...(dialect.version === 3 && { default: "" }) } };
  const plain = typeof type === "string" ? PLAIN[type] : undefined;
  if (plain)
    return dialect.version === 3 && value && type !== "bytes" ? { ...plain, default: ZERO[type as ScalarName] } : plain;
  const name = typeof type === "string" ? scalarDefinitions[type as keyof typeof scalarDefinitions].name : type.name;
  if (dialect.version === 2) return { $ref: dialect.ref(name) };
  // JSON Schema ignores what stands beside a reference, hence allOf
  return { allOf: [{ $ref: dialect.ref(name) }], ...(value && typeof type !== "string" && { default: {} }) };
}

const ZERO: Partial<Record<ScalarName, unknown>> = { string: "", bool: false, int32: 0, int64: 0, double: 0 };
