import type { FieldSpec, Message } from "../../schema.ts";
import { scalarCodecs } from "./scalars.ts";
import type { Writer } from "./writer.ts";

type Fields = Record<string, unknown>;
type Encoder = (writer: Writer, fields: Fields) => void;

const encoders = new WeakMap<Message, Encoder>();

/** Writes a message's fields as Kubernetes' own encoder does: in order of number, values even when zero, pointers when set. */
export function encoderOf(message: Message): Encoder {
  let encoder = encoders.get(message);
  if (!encoder) {
    let fields: Encoder[] | undefined;
    encoder = (writer, value) => {
      // compiled on first use, as messages may contain themselves
      fields ??= compile(message);
      for (let i = 0; i < fields.length; i++) fields[i]!(writer, value);
    };
    encoders.set(message, encoder);
  }
  return encoder;
}

/** The fields' encoders, last field first, since the writer goes backwards. */
function compile(message: Message): Encoder[] {
  return Object.entries(message.fields)
    .filter(([, { spec }]) => spec.number > 0)
    .sort(([, a], [, b]) => b.spec.number - a.spec.number)
    .map(([name, { spec }]) => compileField(name, spec));
}

function compileField(name: string, spec: FieldSpec): Encoder {
  const item = itemWriter(spec);
  const tag = tagWriter(spec.number, item.wireType);
  if (spec.presence === "inline") {
    return (writer, fields) => {
      item.write(writer, fields);
      tag(writer);
    };
  }
  if (spec.repeated === "list") return listEncoder(name, item, tag);
  if (spec.repeated === "map") return mapEncoder(name, item, tag, spec.type === "time");
  const { zero } = item;
  const always = spec.presence !== "optional" && zero !== undefined;
  return (writer, fields) => {
    let value = fields[name];
    if (value === undefined || value === null) {
      if (!always) return;
      value = zero;
    }
    item.write(writer, value);
    tag(writer);
  };
}

interface Item {
  wireType: number;
  write(writer: Writer, value: unknown): void;
  zero?: unknown;
}

const EMPTY: Fields = Object.freeze({});

function itemWriter(spec: FieldSpec): Item {
  if (typeof spec.type === "string") return scalarCodecs[spec.type] as Item;
  const encode = encoderOf(spec.type);
  return {
    wireType: 2,
    zero: EMPTY,
    write(writer, value) {
      const before = writer.length;
      encode(writer, value as Fields);
      writer.varint(writer.length - before);
    },
  };
}

function tagWriter(number: number, wireType: number): (writer: Writer) => void {
  const tag = number * 8 + wireType;
  return tag < 0x80 ? (writer) => writer.byte(tag) : (writer) => writer.varint(tag);
}

function listEncoder(name: string, item: Item, tag: (writer: Writer) => void): Encoder {
  return (writer, fields) => {
    const list = fields[name] as unknown[] | null | undefined;
    if (!list) return;
    for (let i = list.length - 1; i >= 0; i--) {
      item.write(writer, list[i]);
      tag(writer);
    }
  };
}

function mapEncoder(name: string, item: Item, tag: (writer: Writer) => void, isTime: boolean): Encoder {
  const valueTag = 2 * 8 + item.wireType;
  return (writer, fields) => {
    const map = fields[name] as Fields | null | undefined;
    if (!map) return;
    const keys = Object.keys(map);
    if (keys.length > 1) keys.sort();
    for (let i = keys.length - 1; i >= 0; i--) {
      const before = writer.length;
      const value = map[keys[i]!];
      // a time that is not set is an empty message, other values that are null are left out
      if (value !== null || isTime) {
        item.write(writer, value ?? item.zero);
        writer.byte(valueTag);
      }
      writer.string(keys[i]!);
      writer.byte(0x0a);
      writer.varint(writer.length - before);
      tag(writer);
    }
  };
}
