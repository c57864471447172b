import { DecodeError, kindMismatch, normalize, unreadable, unrecognized } from "../decode.ts";
import { badRequest } from "../errors.ts";
import type { Kind } from "../kind.ts";
import type { KubernetesObject, ListMeta } from "../meta.ts";
import { ListMeta as ListMetaSchema } from "../meta.ts";
import type { Message } from "../schema.ts";
import type { Scheme } from "../scheme.ts";
import { readMessage } from "./protobuf/decode.ts";
import { encoderOf } from "./protobuf/encode.ts";
import { ProtobufError, Reader } from "./protobuf/reader.ts";
import { Writer } from "./protobuf/writer.ts";

/**
 * The wire form of application/vnd.kubernetes.protobuf: four bytes "k8s\0", then a runtime.Unknown with apiVersion,
 * kind and the object's own message as bytes.
 */
export const PROTOBUF_MAGIC = Buffer.from("k8s\0");

const writer = new Writer();

type Fields = Record<string, unknown>;
type Named = Pick<Kind, "apiVersion" | "kind">;

/** An object in its envelope. */
export function encodeProtobuf(kind: Named & { schema: Message }, object: unknown): Buffer {
  writer.reset();
  const end = beginEnvelope();
  encoderOf(kind.schema)(writer, object as Fields);
  return finishEnvelope(kind, end);
}

/** Writes what follows the object; answers where that begins. */
function beginEnvelope(): number {
  writer.string(""); // contentType
  writer.byte(0x22);
  writer.string(""); // contentEncoding
  writer.byte(0x1a);
  return writer.length;
}

function finishEnvelope(names: Named, end: number): Buffer {
  writer.varint(writer.length - end);
  writer.byte(0x12);
  const before = writer.length;
  writer.string(names.kind);
  writer.byte(0x12);
  writer.string(names.apiVersion);
  writer.byte(0x0a);
  writer.varint(writer.length - before);
  writer.byte(0x0a);
  writer.bytes(PROTOBUF_MAGIC);
  return writer.finish();
}

/** A message without an envelope. */
export function encodeMessage<T>(message: Message<T>, value: T): Buffer {
  writer.reset();
  encoderOf(message)(writer, value as Fields);
  return writer.finish();
}

/** A message without an envelope, in normal form. Throws StatusError 400. */
export function decodeMessage<T>(message: Message<T>, bytes: Uint8Array): T {
  return guarded(() => readNormal(message, bytes));
}

const readNormal = <T>(message: Message<T>, bytes: Uint8Array): T =>
  normalize(message, readMessage(new Reader(bytes), message));

/** Bytes that are no message, a message with a value that cannot be read, or JSON within that is none. */
const isMalformed = (error: unknown): error is Error =>
  error instanceof ProtobufError || error instanceof DecodeError || error instanceof SyntaxError;

function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw isMalformed(error) ? badRequest(error.message) : error;
  }
}

export interface Envelope {
  apiVersion: string;
  kind: string;
  /** the object's own message; a view into the bytes that were read */
  raw: Uint8Array;
  contentType: string;
}

const NO_MAGIC = "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]";
const hasMagic = (bytes: Uint8Array) => PROTOBUF_MAGIC.equals(bytes.subarray(0, PROTOBUF_MAGIC.length));

/** Opens an envelope. Throws StatusError 400 when there is none. */
export function readEnvelope(bytes: Uint8Array): Envelope {
  if (!hasMagic(bytes)) throw badRequest(NO_MAGIC);
  const envelope: Envelope = { apiVersion: "", kind: "", raw: bytes.subarray(bytes.length), contentType: "" };
  const reader = new Reader(bytes.subarray(4));
  guarded(() =>
    reader.fields((number) => {
      if (number === 1) readTypeMeta(reader, envelope);
      else if (number === 2) envelope.raw = reader.bytes();
      else if (number === 4) envelope.contentType = reader.string();
      else return false;
      return true;
    }),
  );
  return envelope;
}

function readTypeMeta(reader: Reader, envelope: Envelope): void {
  reader.nested((inner) =>
    inner.fields((number) => {
      if (number === 1) envelope.apiVersion = inner.string();
      else if (number === 2) envelope.kind = inner.string();
      else return false;
      return true;
    }),
  );
}

/** An object from its envelope: fresh, in normal form, apiVersion and kind set. Throws StatusError 400. */
export function decodeProtobuf<T extends KubernetesObject>(
  kind: Kind<T>,
  bytes: Uint8Array,
  options: { scheme?: Scheme } = {},
): T {
  if (!hasMagic(bytes)) throw unrecognized(kind, NO_MAGIC, bytes);
  const envelope = readEnvelope(bytes);
  const named = { apiVersion: envelope.apiVersion || kind.apiVersion, kind: envelope.kind || kind.kind };
  const mismatch = kindMismatch(kind, named, options.scheme);
  if (mismatch) throw mismatch;
  try {
    const object = readNormal(kind.schema as Message<T>, envelope.raw);
    return Object.assign(object, { apiVersion: kind.apiVersion, kind: kind.kind });
  } catch (error) {
    throw isMalformed(error) ? unreadable(kind, named, error.message) : error;
  }
}

/** A list in its envelope; `rawItems` are the items' messages without theirs (`readEnvelope(…).raw`). */
export function encodeProtobufList(kind: Named, listMeta: ListMeta, rawItems: readonly Uint8Array[]): Buffer {
  writer.reset();
  const end = beginEnvelope();
  for (let i = rawItems.length - 1; i >= 0; i--) {
    writer.sizedBytes(rawItems[i]!);
    writer.byte(0x12);
  }
  const before = writer.length;
  encoderOf(ListMetaSchema)(writer, listMeta as Fields);
  writer.varint(writer.length - before);
  writer.byte(0x0a);
  return finishEnvelope({ apiVersion: kind.apiVersion, kind: `${kind.kind}List` }, end);
}

/**
 * One event of a watch in `application/vnd.kubernetes.protobuf;stream=watch`: its length in four bytes, then a
 * WatchEvent without an envelope, whose object is `envelopeBytes` (which has one).
 */
export function encodeWatchEventProtobuf(type: string, envelopeBytes: Uint8Array): Buffer {
  writer.reset();
  writer.sizedBytes(envelopeBytes);
  writer.byte(0x0a);
  writer.varint(writer.length);
  writer.byte(0x12);
  writer.string(type);
  writer.byte(0x0a);
  const frame = Buffer.allocUnsafe(4);
  frame.writeUInt32BE(writer.length);
  writer.bytes(frame);
  return writer.finish();
}

/** Reads what `encodeWatchEventProtobuf` wrote, without the frame. */
export function readWatchEvent(bytes: Uint8Array): { type: string; object: Uint8Array } {
  const event = { type: "", object: bytes.subarray(bytes.length) };
  const reader = new Reader(bytes);
  reader.fields((number) => {
    if (number === 1) event.type = reader.string();
    else if (number === 2) event.object = reader.nested(rawBytes);
    else return false;
    return true;
  });
  return event;
}

/** The bytes of a RawExtension. */
function rawBytes(reader: Reader): Uint8Array {
  let bytes: Uint8Array = new Uint8Array();
  reader.only(1, () => {
    bytes = reader.bytes();
  });
  return bytes;
}
