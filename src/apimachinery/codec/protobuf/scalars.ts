import { keepSentText, sentText } from "../../decode/sentText.ts";
import { canonicalQuantity } from "../../quantity.ts";
import type { ScalarName } from "../../schema.ts";
import { formatDuration, formatTime, parseDuration, parseTime } from "../../time.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** How a type that is no message stands on the wire; nested ones write their own length. */
export interface ScalarCodec {
  wireType: 0 | 1 | 2;
  /** writes the value, from its end */
  write(writer: Writer, value: never): void;
  read(reader: Reader): unknown;
  /** what is written for a field that is always there but not set; none: nothing is */
  zero?: unknown;
}

const string: ScalarCodec = {
  wireType: 2,
  zero: "",
  write: (writer, value: string) => writer.string(value),
  read: (reader) => reader.string(),
};

const bool: ScalarCodec = {
  wireType: 0,
  zero: false,
  write: (writer, value: boolean) => writer.byte(value ? 1 : 0),
  read: (reader) => reader.varint() !== 0,
};

const integer: ScalarCodec = {
  wireType: 0,
  zero: 0,
  write: (writer, value: number) => writer.int(value),
  read: (reader) => reader.int(),
};

const double: ScalarCodec = {
  wireType: 1,
  zero: 0,
  write: (writer, value: number) => writer.double(value),
  read: (reader) => reader.double(),
};

const bytes: ScalarCodec = {
  wireType: 2,
  write: (writer, value: string) => writer.sizedBytes(Buffer.from(value, "base64")),
  read: (reader) => reader.bytes().toString("base64"),
};

/** A type that is a small message on the wire. */
function nested(
  body: (writer: Writer, value: never) => void,
  read: (reader: Reader) => unknown,
  zero?: unknown,
): ScalarCodec {
  return {
    wireType: 2,
    zero,
    write(writer, value) {
      const before = writer.length;
      body(writer, value);
      writer.varint(writer.length - before);
    },
    read: (reader) => reader.nested(read),
  };
}

const quantity = nested(
  (writer, value: string) => {
    writer.string(value);
    writer.byte(0x0a);
  },
  (reader) => {
    let text = "0";
    reader.only(1, () => {
      text = reader.string();
    });
    return canonicalQuantity(text === "" ? "0" : text);
  },
  "0",
);

/** Not set is an empty message. */
const NOT_SET = "";

function writeTime(writer: Writer, value: string): void {
  if (value === NOT_SET) return;
  const ms = parseTime(value);
  const seconds = Math.floor(ms / 1000);
  writer.int(fractionNanos(value));
  writer.byte(0x10);
  writer.int(seconds);
  writer.byte(0x08);
}

function fractionNanos(text: string): number {
  const dot = text.indexOf(".");
  return dot < 0 ? 0 : Number(text.slice(dot + 1, -1).padEnd(9, "0"));
}

function readTime(reader: Reader): { seconds: number; nanos: number } | undefined {
  let seconds = 0;
  let nanos = 0;
  if (reader.at === reader.end) return undefined;
  reader.fields((number) => {
    if (number === 1) seconds = reader.int();
    else if (number === 2) nanos = reader.int();
    else return false;
    return true;
  });
  return { seconds, nanos };
}

const time = nested(
  writeTime,
  (reader) => {
    const read = readTime(reader);
    return read && formatTime(read.seconds * 1000);
  },
  NOT_SET,
);

const microTime = nested(
  writeTime,
  (reader) => {
    const read = readTime(reader);
    if (!read) return undefined;
    const micros = String(Math.floor(read.nanos / 1000)).padStart(6, "0");
    return `${formatTime(read.seconds * 1000).slice(0, -1)}.${micros}Z`;
  },
  NOT_SET,
);

const duration = nested(
  (writer, value: string) => {
    writer.bigInt(parseDuration(value));
    writer.byte(0x08);
  },
  (reader) => {
    let nanoseconds = 0n;
    reader.only(1, () => {
      nanoseconds = reader.bigInt();
    });
    return formatDuration(nanoseconds);
  },
  "0s",
);

const intOrString = nested(
  (writer, value: number | string) => {
    const text = typeof value === "string";
    writer.string(text ? value : "");
    writer.byte(0x1a);
    writer.int(text ? 0 : value);
    writer.byte(0x10);
    writer.byte(text ? 1 : 0);
    writer.byte(0x08);
  },
  (reader) => {
    let type = 0;
    let number = 0;
    let text = "";
    reader.fields((field) => {
      if (field === 1) type = reader.int();
      else if (field === 2) number = reader.int();
      else if (field === 3) text = reader.string();
      else return false;
      return true;
    });
    return type === 1 ? text : number;
  },
  0,
);

/** Any JSON, carried as its text in bytes. */
const jsonIn = (print: (value: unknown) => string, parse: (text: string) => unknown): ScalarCodec =>
  nested(
    (writer, value: unknown) => {
      writer.sizedBytes(Buffer.from(print(value)));
      writer.byte(0x0a);
    },
    (reader) => {
      let value: unknown;
      reader.only(1, () => {
        value = parse(reader.bytes().toString());
      });
      return value;
    },
  );

const raw = jsonIn(JSON.stringify, JSON.parse);
const rawExtension = jsonIn(sentText, (text) => keepSentText(JSON.parse(text), text));

const stringList = nested(
  (writer, value: string[]) => {
    for (let i = value.length - 1; i >= 0; i--) {
      writer.string(value[i]!);
      writer.byte(0x0a);
    }
  },
  (reader) => {
    const items: string[] = [];
    reader.only(1, () => items.push(reader.string()));
    return items;
  },
);

export const scalarCodecs: Record<ScalarName, ScalarCodec> = {
  string,
  bool,
  int32: integer,
  int64: integer,
  double,
  bytes,
  quantity,
  time,
  microTime,
  duration,
  intOrString,
  fieldsV1: raw,
  rawExtension,
  json: raw,
  stringList,
};
