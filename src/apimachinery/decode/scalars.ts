import { draft } from "../freeze.ts";
import { canonicalQuantity } from "../quantity.ts";
import type { ScalarName } from "../schema.ts";
import { canonicalMicroTime, canonicalTime, formatDuration, parseDuration } from "../time.ts";
import { jsonKind } from "./goTypes.ts";
import { DecodeError, trail } from "./trail.ts";

/** Reads a value that is not null into normal form; undefined when it is of a wrong type (remembered by the trail) or not set. */
export type Decoder = (value: unknown) => unknown;

/** Runs what may throw Go's own text. */
function read<T>(parse: (text: string) => T, text: string): T {
  try {
    return parse(text);
  } catch (error) {
    throw new DecodeError((error as Error).message);
  }
}

/** The text of a value whose type has a reader of its own; anything else ends decoding. */
function textOf(value: unknown): string {
  if (typeof value !== "string") throw new DecodeError(trail.typeError(jsonKind(value), "string"));
  return value;
}

const string =
  (type: string): Decoder =>
  (value) =>
    typeof value === "string" ? value : trail.mismatch(jsonKind(value), type);

const bool =
  (type: string): Decoder =>
  (value) =>
    typeof value === "boolean" ? value : trail.mismatch(jsonKind(value), type);

const INT32 = 2 ** 31;
const INT64 = 2 ** 63;

const integer =
  (type: string, limit: number): Decoder =>
  (value) => {
    if (typeof value !== "number") return trail.mismatch(jsonKind(value), type);
    if (Number.isInteger(value) && value >= -limit && value < limit) return value;
    return trail.mismatch(`number ${numberText(value)}`, type);
  };

/** A number as it most likely stood in the text. */
function numberText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e40 ? BigInt(value).toString() : String(value);
}

const double =
  (type: string): Decoder =>
  (value) =>
    typeof value === "number" ? value : trail.mismatch(jsonKind(value), type);

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const bytes =
  (type: string): Decoder =>
  (value) => {
    if (Array.isArray(value)) return Buffer.from(value.map(Number)).toString("base64");
    if (typeof value !== "string") return trail.mismatch(jsonKind(value), type);
    const text = value.includes("\n") || value.includes("\r") ? value.replace(/[\r\n]/g, "") : value;
    if (!BASE64.test(text)) throw new DecodeError(`illegal base64 data at input byte ${firstBadByte(value)}`);
    // bits that the last character has to spare are zero in the normal form
    return text.endsWith("=") ? Buffer.from(text, "base64").toString("base64") : text;
  };

/** Where Go's decoder stops: at the first character that cannot stand there. */
function firstBadByte(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === "\n" || character === "\r") continue;
    if (/[A-Za-z0-9+/]/.test(character)) count++;
    else return character === "=" ? badPadding(text, i, count % 4) : i;
  }
  return text.length - (count % 4);
}

function badPadding(text: string, at: number, count: number): number {
  if (count < 2) return at;
  const rest = text.slice(at).replace(/[\r\n]/g, "");
  const wanted = 4 - count;
  if (rest.length < wanted) return text.length;
  return rest.slice(0, wanted) === "=".repeat(wanted) ? at + wanted : at + 1;
}

const quantity = (): Decoder => (value) => {
  const text = typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "{}";
  return read(canonicalQuantity, text);
};

const intOrString = (): Decoder => (value) => {
  if (typeof value === "string") return value;
  if (typeof value !== "number") throw new DecodeError(trail.typeError(jsonKind(value), "int32"));
  if (Number.isInteger(value) && value >= -INT32 && value < INT32) return value;
  throw new DecodeError(trail.typeError(`number ${numberText(value)}`, "int32"));
};

const raw = (): Decoder => (value) => {
  trail.keys += countKeys(value);
  return draft(value);
};

/** How many keys the objects within a value have. */
export function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) for (const item of value) count += countKeys(item);
  else for (const key in value) count += 1 + countKeys((value as Record<string, unknown>)[key]);
  return count;
}

const stringList =
  (type: string): Decoder =>
  (value) => {
    if (!Array.isArray(value)) return trail.mismatch(jsonKind(value), type);
    return value.map((item) => (item === null ? "" : string("string")(item)));
  };

/** Decoders by type; each is made for the type's name in errors. */
export const scalarDecoders: Record<ScalarName, (type: string) => Decoder> = {
  string,
  bool,
  int32: (type) => integer(type, INT32),
  int64: (type) => integer(type, INT64),
  double,
  bytes,
  quantity,
  time: () => (value) => read(canonicalTime, textOf(value)),
  microTime: () => (value) => read(canonicalMicroTime, textOf(value)),
  duration: () => (value) => formatDuration(read(parseDuration, textOf(value))),
  intOrString,
  fieldsV1: raw,
  rawExtension: raw,
  json: raw,
  stringList,
};

/** What stands for a value that was never set, where JSON must show one. */
export const scalarZeros: Record<ScalarName, unknown> = {
  string: "",
  bool: false,
  int32: 0,
  int64: 0,
  double: 0,
  bytes: null,
  quantity: "0",
  time: null,
  microTime: null,
  duration: "0s",
  intOrString: 0,
  fieldsV1: null,
  rawExtension: null,
  json: null,
  stringList: null,
};
