/**
 * Protocol buffers (proto3), just as much as CRI and etcd need: a message is declared once as a table of fields; its TypeScript
 * type, its encoding and its decoding follow. Decoded values are complete: absent scalars are zero, absent lists and
 * maps empty; only nested messages may be missing.
 */

export interface WireTypes {
  string: string;
  bool: boolean;
  int32: number;
  uint32: number;
  /** beyond 2^53 the nearest double: good for sizes, counters, revisions and instants; for identities there is `id` */
  int64: number;
  uint64: number;
  /** a uint64 that is an identity, whole */
  id: bigint;
  bytes: Buffer;
  /** nanoseconds on the wire, milliseconds (with fractions) in memory, as everywhere in this project */
  instant: number;
  /** google.protobuf-style wrapper message of an int64 or uint64: undefined when absent */
  wrapped: number | undefined;
}
export type WireType = keyof WireTypes;

export interface WireField<out T = unknown> {
  readonly number: number;
  readonly type: WireType | WireMessage | readonly string[];
  readonly repeated?: "list" | "map";
  /** type only */
  readonly valueType?: T;
}
export type WireFields = Readonly<Record<string, WireField>>;

export interface WireMessage<out T = unknown> {
  readonly fields: WireFields;
  readonly byNumber: ReadonlyMap<number, readonly [string, WireField]>;
  /** type only */
  readonly valueType?: T;
}

type FieldValue<F> = F extends WireField<infer T> ? T : never;
type OptionalKeys<F> = { [K in keyof F]: undefined extends FieldValue<F[K]> ? K : never }[keyof F];
type Shape<F> = { [K in Exclude<keyof F, OptionalKeys<F>>]: FieldValue<F[K]> } & {
  [K in OptionalKeys<F>]?: FieldValue<F[K]>;
} extends infer O
  ? { [K in keyof O]: O[K] }
  : never;

/** A decoded message: `interface Image extends Decoded<typeof Image> {}`. */
export type Decoded<M> = M extends WireMessage<infer T> ? T : never;
/** What may be encoded: any part of a message. */
export type Encodable<T> = T extends Buffer
  ? T
  : T extends readonly (infer I)[]
    ? readonly Encodable<I>[]
    : T extends object
      ? { readonly [K in keyof T]?: Encodable<T[K]> }
      : T;

export function message<const F extends WireFields>(fields: F): WireMessage<Shape<F>> {
  return { fields, byNumber: new Map(Object.entries(fields).map(([name, field]) => [field.number, [name, field]])) };
}

const scalar =
  <S extends WireType>(type: S) =>
  (number: number): WireField<WireTypes[S]> => ({ number, type });

export const string = scalar("string");
export const bool = scalar("bool");
export const int32 = scalar("int32");
export const uint32 = scalar("uint32");
export const int64 = scalar("int64");
export const uint64 = scalar("uint64");
export const id = scalar("id");
export const bytes = scalar("bytes");
export const instant = scalar("instant");
export const wrapped = scalar("wrapped");

/** An enumeration; values are named in the order of their numbers, from 0. */
export function oneOf<const N extends readonly string[]>(number: number, ...names: N): WireField<N[number]> {
  return { number, type: names };
}
export function nested<T>(number: number, type: WireMessage<T>): WireField<T | undefined> {
  return { number, type };
}
export function list<T>(number: number, type: WireMessage<T>): WireField<T[]>;
export function list<S extends WireType>(number: number, type: S): WireField<WireTypes[S][]>;
export function list(number: number, type: WireType | WireMessage): WireField<unknown[]> {
  return { number, type, repeated: "list" };
}
/** A map from string to string, the only kind needed. */
export function stringMap(number: number): WireField<Record<string, string>> {
  return { number, type: "string", repeated: "map" };
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

class Writer {
  #buffer = Buffer.allocUnsafe(256);
  #length = 0;

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
  varint(value: number | bigint): void {
    this.#room(10);
    if (typeof value === "bigint") return this.#bigVarint(value);
    if (value < 0 || value > Number.MAX_SAFE_INTEGER) {
      this.#bigVarint(BigInt.asUintN(64, BigInt(value)));
      return;
    }
    while (value >= 0x80) {
      this.#buffer[this.#length++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.#buffer[this.#length++] = value;
  }
  #bigVarint(value: bigint): void {
    while (value >= 0x80n) {
      this.#buffer[this.#length++] = Number(value & 0x7fn) | 0x80;
      value >>= 7n;
    }
    this.#buffer[this.#length++] = Number(value);
  }
  tag(number: number, wireType: number): void {
    this.varint(number * 8 + wireType);
  }
  chunk(value: Buffer): void {
    this.varint(value.length);
    this.#room(value.length);
    this.#length += value.copy(this.#buffer, this.#length);
  }
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

type Values = Readonly<Record<string, unknown>>;

function writeScalar(writer: Writer, number: number, type: WireType | readonly string[], value: unknown): void {
  if (type === "string" || type === "bytes") {
    writer.tag(number, BYTES);
    writer.chunk(typeof value === "string" ? Buffer.from(value) : (value as Buffer));
  } else if (type === "wrapped") {
    const inner = new Writer();
    if (value !== 0) writeScalar(inner, 1, "int64", value);
    writer.tag(number, BYTES);
    writer.chunk(inner.finish());
  } else {
    writer.tag(number, VARINT);
    writer.varint(integerOf(type, value));
  }
}

function integerOf(type: WireType | readonly string[], value: unknown): number | bigint {
  if (type === "id") return value as bigint;
  if (typeof type !== "string") return type.indexOf(value as string);
  if (type === "bool") return value ? 1 : 0;
  return type === "instant" ? Math.round((value as number) * 1e6) : Math.trunc(value as number);
}

const ENTRY = message({ key: string(1), value: string(2) });

function isZero(field: WireField, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (field.type === "wrapped") return false;
  if (typeof field.type === "object" && "fields" in field.type) return false;
  if (Array.isArray(field.type)) return value === field.type[0];
  return (
    value === "" || value === 0 || value === 0n || value === false || (Buffer.isBuffer(value) && value.length === 0)
  );
}

function writeOne(writer: Writer, field: WireField, value: unknown): void {
  const { number, type } = field;
  if (typeof type === "object" && "fields" in type) {
    writer.tag(number, BYTES);
    writer.chunk(encode(type, value as Values));
  } else {
    writeScalar(writer, number, type, value);
  }
}

/** The wire form of a message, of which any part may be left out. */
export function encode<T>(type: WireMessage<T>, value: Encodable<T>): Buffer {
  const writer = new Writer();
  for (const [name, field] of Object.entries(type.fields)) {
    const content = (value as Values)[name];
    if (content === undefined || content === null) continue;
    if (field.repeated === "map") {
      for (const [key, item] of Object.entries(content as Record<string, string>)) {
        writer.tag(field.number, BYTES);
        writer.chunk(encode(ENTRY, { key, value: item }));
      }
    } else if (field.repeated === "list") {
      for (const item of content as unknown[]) writeOne(writer, field, item);
    } else if (!isZero(field, content)) {
      writeOne(writer, field, content);
    }
  }
  return writer.finish();
}

class Reader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;
  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }
  get more(): boolean {
    return this.#at < this.#end;
  }
  varint(): number {
    const start = this.#at;
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined || this.#at > this.#end) throw new RangeError("truncated protobuf message");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return this.#at - start === 10 ? this.#negative(start) : value;
      scale *= 0x80;
    }
  }
  id(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined || this.#at > this.#end) throw new RangeError("truncated protobuf message");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  }
  /** Ten bytes are a negative 64-bit number (or an unsigned one above 2^63). */
  #negative(start: number): number {
    let value = 0n;
    for (let at = this.#at - 1; at >= start; at--) value = (value << 7n) | BigInt(this.#bytes[at]! & 0x7f);
    return Number(BigInt.asIntN(64, value));
  }
  chunk(): Buffer {
    const length = this.varint();
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#end) throw new RangeError("truncated protobuf message");
    return this.#bytes.subarray(start, this.#at);
  }
  skip(wireType: number): void {
    if (wireType === VARINT) this.varint();
    else if (wireType === BYTES) this.chunk();
    else if (wireType === FIXED64) this.#at += 8;
    else if (wireType === FIXED32) this.#at += 4;
    else throw new RangeError(`unknown protobuf wire type ${wireType}`);
  }
}

function zeroOf(field: WireField): unknown {
  if (field.repeated === "list") return [];
  if (field.repeated === "map") return {};
  const { type } = field;
  if (typeof type === "object") return "fields" in type ? undefined : type[0];
  if (type === "string") return "";
  if (type === "bool") return false;
  if (type === "id") return 0n;
  if (type === "bytes") return Buffer.alloc(0);
  return type === "wrapped" ? undefined : 0;
}

function readOne(reader: Reader, type: WireField["type"]): unknown {
  if (typeof type === "object" && "fields" in type) return decode(type, reader.chunk());
  if (typeof type === "object") return type[reader.varint()] ?? type[0];
  switch (type) {
    case "string":
      return reader.chunk().toString();
    case "bytes":
      return Buffer.from(reader.chunk());
    case "bool":
      return reader.varint() !== 0;
    case "id":
      return reader.id();
    case "instant":
      return reader.varint() / 1e6;
    case "wrapped":
      return decode(WRAPPED, reader.chunk()).value;
    default:
      return reader.varint();
  }
}
const WRAPPED = message({ value: int64(1) });

/** A complete message from its wire form; unknown fields are passed over. */
export function decode<T>(type: WireMessage<T>, wire: Buffer): T {
  const out: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(type.fields)) {
    const zero = zeroOf(field);
    if (zero !== undefined) out[name] = zero;
  }
  const reader = new Reader(wire);
  while (reader.more) {
    const tag = reader.varint();
    const known = type.byNumber.get(Math.floor(tag / 8));
    if (!known) reader.skip(tag % 8);
    else readField(reader, out, known, tag % 8);
  }
  return out as T;
}

function readField(
  reader: Reader,
  out: Record<string, unknown>,
  known: readonly [string, WireField],
  wire: number,
): void {
  const [name, field] = known;
  // Messages of one family may differ in a field's type (containerd's events do): what does not fit is passed over.
  if (wire !== wireTypeOf(field) && !(wire === BYTES && field.repeated === "list")) reader.skip(wire);
  else if (field.repeated === "map") {
    const entry = decode(ENTRY, reader.chunk());
    (out[name] as Record<string, string>)[entry.key] = entry.value;
  } else if (field.repeated !== "list") {
    out[name] = readOne(reader, field.type);
  } else if (wire === BYTES && isPackable(field.type)) {
    const packed = new Reader(reader.chunk());
    while (packed.more) (out[name] as unknown[]).push(readOne(packed, field.type));
  } else {
    (out[name] as unknown[]).push(readOne(reader, field.type));
  }
}

function wireTypeOf({ type }: WireField): number {
  return typeof type === "object" ? ("fields" in type ? BYTES : VARINT) : isPackable(type) ? VARINT : BYTES;
}

function isPackable(type: WireField["type"]): boolean {
  return typeof type === "string" ? !["string", "bytes", "wrapped"].includes(type) : !("fields" in type);
}
