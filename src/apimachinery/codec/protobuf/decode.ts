import { setOwn } from "../../freeze.ts";
import type { FieldSpec, Message } from "../../schema.ts";
import { ProtobufError, type Reader } from "./reader.ts";
import { scalarCodecs } from "./scalars.ts";

type Fields = Record<string, unknown>;

interface Plan {
  /** by field number: reads the field into the object */
  fields: ((reader: Reader, wireType: number, into: Fields) => void)[];
}

const plans = new WeakMap<Message, Plan>();

function planOf(message: Message): Plan {
  let plan = plans.get(message);
  if (!plan) {
    plan = { fields: [] };
    plans.set(message, plan); // before its fields, as they may lead back here
    for (const [name, { spec }] of Object.entries(message.fields)) {
      if (spec.number > 0) plan.fields[spec.number] = compileField(name, spec);
    }
  }
  return plan;
}

/** Reads a message's fields into an object of its JSON's shape, which `normalize` then completes. */
export function readMessage(reader: Reader, message: Message, into: Fields = {}): Fields {
  const { fields } = planOf(message);
  while (reader.at < reader.end) {
    const tag = reader.varint();
    const number = Math.floor(tag / 8);
    if (number === 0) throw new ProtobufError(`proto: illegal tag 0 (wire type ${tag})`);
    const read = fields[number];
    if (read) read(reader, tag & 7, into);
    else reader.skip(tag & 7);
  }
  return into;
}

function compileField(name: string, spec: FieldSpec): (reader: Reader, wireType: number, into: Fields) => void {
  if (spec.presence === "inline") {
    const message = spec.type as Message;
    return (reader, _wireType, into) => void reader.nested((inner) => readMessage(inner, message, into));
  }
  const { wireType: expected, read } = itemReader(spec);
  const check = (wireType: number) => {
    if (wireType !== expected) throw new ProtobufError(`proto: wrong wireType = ${wireType} for field ${name}`);
  };
  if (spec.repeated === "list") {
    return (reader, wireType, into) => {
      check(wireType);
      const list = into[name] as unknown[] | undefined;
      if (list) list.push(read(reader));
      else into[name] = [read(reader)];
    };
  }
  if (spec.repeated === "map") return mapReader(name, read, emptyValue(spec), check);
  return (reader, wireType, into) => {
    check(wireType);
    const value = read(reader);
    if (value !== undefined) into[name] = value;
  };
}

function itemReader(spec: FieldSpec): { wireType: number; read: (reader: Reader) => unknown } {
  if (typeof spec.type === "string") return scalarCodecs[spec.type];
  const message = spec.type;
  return { wireType: 2, read: (reader) => reader.nested((inner) => readMessage(inner, message)) };
}

/** The value of a map's entry that carries none. */
function emptyValue(spec: FieldSpec): () => unknown {
  if (typeof spec.type !== "string") return () => ({});
  const { zero } = scalarCodecs[spec.type];
  return () => (spec.type === "time" ? null : (zero ?? null));
}

function mapReader(
  name: string,
  read: (reader: Reader) => unknown,
  empty: () => unknown,
  check: (wireType: number) => void,
): (reader: Reader, wireType: number, into: Fields) => void {
  return (reader, wireType, into) => {
    if (wireType !== 2) check(wireType);
    let key = "";
    let value: unknown;
    reader.nested((inner) =>
      inner.fields((number) => {
        if (number === 1) key = inner.string();
        else if (number === 2) value = read(inner);
        else return false;
        return true;
      }),
    );
    into[name] ??= {};
    setOwn(into[name] as Fields, key, value === undefined ? empty() : value);
  };
}
