import { setOwn } from "../freeze.ts";
import type { FieldSpec, Message } from "../schema.ts";
import { fieldType, itemType, jsonKind, structName } from "./goTypes.ts";
import { countKeys, type Decoder, scalarDecoders, scalarZeros } from "./scalars.ts";
import { trail } from "./trail.ts";

type Fields = Record<string, unknown>;

interface FieldPlan {
  name: string;
  /** "ProbeHandler.httpGet" for a field of an embedded struct */
  goName: string;
  spec: FieldSpec;
  decode: Decoder;
  /** left out when zero */
  omitZero: boolean;
  /** the value when not set, of a field that is always there */
  zero: (() => unknown) | undefined;
}

export interface MessagePlan {
  message: Message;
  struct: string;
  fields: Map<string, FieldPlan>;
  always: FieldPlan[];
  decode: (value: unknown) => Fields | undefined;
}

const plans = new WeakMap<Message, MessagePlan>();

/** A message's decoder: made on first use, once. */
export function planOf(message: Message): MessagePlan {
  let plan = plans.get(message);
  if (!plan) {
    plan = { message, struct: structName(message), fields: new Map(), always: [], decode: () => undefined };
    plans.set(message, plan); // before its fields, as they may lead back here
    addFields(plan, message);
    plan.always = [...plan.fields.values()].filter((field) => field.zero);
    plan.decode = messageDecoder(plan, `${itemType(message, { number: 0, type: message, presence: "always" })}`);
  }
  return plan;
}

function addFields(plan: MessagePlan, message: Message, embedded = ""): void {
  for (const [name, { spec }] of Object.entries(message.fields)) {
    if (spec.presence !== "inline") plan.fields.set(name, planField(message, name, embedded + name, spec));
    else addFields(plan, spec.type as Message, `${embedded}${structName(spec.type as Message)}.`);
  }
}

function planField(owner: Message, name: string, goName: string, spec: FieldSpec): FieldPlan {
  const item = itemDecoder(owner, spec);
  const decode =
    spec.repeated === "list"
      ? listDecoder(item, nullItem(spec), fieldType(owner, spec))
      : spec.repeated === "map"
        ? mapDecoder(item, nullItem(spec), fieldType(owner, spec))
        : item;
  const zero = spec.presence !== "always" ? undefined : spec.repeated ? () => null : itemZero(spec);
  // a quantity, or a number-or-text, is a struct in Go, and those are never left out for being zero
  const omitZero = spec.presence === "omitZero" && (!!spec.repeated || !NEVER_EMPTY.has(spec.type));
  return { name, goName, spec, decode, omitZero, zero };
}

const NEVER_EMPTY = new Set<unknown>(["quantity", "intOrString", "time", "microTime", "duration"]);

function itemDecoder(owner: Message, spec: FieldSpec): Decoder {
  if (typeof spec.type === "string") return scalarDecoders[spec.type](itemType(owner, spec));
  const plan = planOf(spec.type);
  return (value) => plan.decode(value);
}

function itemZero(spec: FieldSpec): () => unknown {
  const { type } = spec;
  if (typeof type !== "string") return () => planOf(type).decode({});
  const zero = scalarZeros[type];
  return () => zero;
}

/** What a null among a list's or map's values becomes; of bytes, none are kept. */
const nullItem = (spec: FieldSpec): (() => unknown) => (spec.type === "bytes" ? () => "" : itemZero(spec));

function listDecoder(item: Decoder, zero: () => unknown, type: string): Decoder {
  return (value) => {
    if (!Array.isArray(value)) return trail.mismatch(jsonKind(value), type);
    const { length } = value;
    const out = new Array(length);
    for (let i = 0; i < length; i++) {
      const one = value[i];
      if (one === null || one === undefined) {
        out[i] = zero();
        continue;
      }
      trail.enter(i, "");
      out[i] = item(one);
      trail.leave();
    }
    return out;
  };
}

function mapDecoder(item: Decoder, zero: () => unknown, type: string): Decoder {
  return (value) => {
    if (typeof value !== "object" || Array.isArray(value)) return trail.mismatch(jsonKind(value), type);
    const out: Fields = {};
    for (const key in value) {
      trail.keys++;
      const one = (value as Fields)[key];
      if (one === undefined) continue;
      trail.enter(key, "");
      setOwn(out, key, one === null ? zero() : item(one));
      trail.leave();
    }
    return out;
  };
}

function messageDecoder(plan: MessagePlan, type: string): (value: unknown) => Fields | undefined {
  const { fields, struct } = plan;
  return (value) => {
    if (typeof value !== "object" || Array.isArray(value)) {
      trail.mismatch(jsonKind(value), type);
      return undefined;
    }
    const out: Fields = {};
    for (const key in value) {
      const field = fields.get(key);
      const one = (value as Fields)[key];
      trail.keys++;
      if (field === undefined) {
        if (trail.strict) unknown(key, one);
        continue;
      }
      if (one === null || one === undefined) continue;
      trail.enter(key, struct, field.goName);
      const decoded = field.decode(one);
      trail.leave();
      if (decoded !== undefined && !(field.omitZero && isZero(decoded))) out[key] = decoded;
    }
    for (const field of plan.always) if (out[field.name] === undefined) out[field.name] = field.zero!();
    return out;
  };
}

function unknown(key: string, value: unknown): void {
  trail.unknownField(key);
  trail.keys += countKeys(value);
}

function isZero(value: unknown): boolean {
  if (typeof value !== "object") return value === "" || value === 0 || value === false;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}
