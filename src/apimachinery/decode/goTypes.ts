import type { FieldSpec, Message, ScalarName } from "../schema.ts";

/** How Kubernetes' decoder names types in its errors, which users see: "v1.PodSpec", "[]string", "map[string]string". */

const SCALARS: Record<ScalarName, string> = {
  string: "string",
  bool: "bool",
  int32: "int32",
  int64: "int64",
  double: "float64",
  bytes: "[]uint8",
  quantity: "resource.Quantity",
  time: "string",
  microTime: "string",
  duration: "string",
  intOrString: "int32",
  fieldsV1: "v1.FieldsV1",
  rawExtension: "runtime.RawExtension",
  json: "json.RawMessage",
  stringList: "v1.ExtraValue",
};

/** "io.k8s.api.core.v1.Pod" → "Pod" */
export const structName = (message: Message): string => message.name.slice(message.name.lastIndexOf(".") + 1);

/** "io.k8s.api.core.v1.Pod" → "v1" */
const packageName = (message: Message): string => message.name.split(".").at(-2) ?? "";

/** The type of one item of a field: of the field itself when it is neither list nor map. */
export function itemType(owner: Message, spec: FieldSpec): string {
  if (spec.goType) return spec.goType.includes(".") ? spec.goType : `${packageName(owner)}.${spec.goType}`;
  return typeof spec.type === "string" ? SCALARS[spec.type] : `${packageName(spec.type)}.${structName(spec.type)}`;
}

export function fieldType(owner: Message, spec: FieldSpec): string {
  if (spec.repeated === "list") return `[]${itemType(owner, spec)}`;
  if (spec.repeated !== "map") return itemType(owner, spec);
  return spec.type === "quantity" ? "v1.ResourceList" : `map[string]${itemType(owner, spec)}`;
}

/** What a JSON value is called in errors. */
export function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value;
}
