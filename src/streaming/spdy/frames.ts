/** SPDY/3.1 frames as bytes. Numbers are from the SPDY/3 draft, section 2.6. */
export type Frame =
  | { type: "data"; streamId: number; fin: boolean; data: Buffer }
  | { type: "synStream"; streamId: number; fin: boolean; block: Buffer }
  | { type: "synReply"; streamId: number; fin: boolean; block: Buffer }
  | { type: "headers"; streamId: number; fin: boolean; block: Buffer }
  | { type: "rstStream"; streamId: number; status: number }
  | { type: "ping"; id: number }
  | { type: "goAway"; lastStreamId: number }
  | { type: "other" };

const CONTROL = 0x80000000;
const VERSION = 3;
const FIN = 0x01;
const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const HEADERS = 8;

function control(type: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE((CONTROL | (VERSION << 16) | type) >>> 0, 0);
  head.writeUInt32BE(((flags << 24) | payload.length) >>> 0, 4);
  return Buffer.concat([head, payload]);
}

function numbers(...values: number[]): Buffer {
  const out = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) out.writeUInt32BE(value >>> 0, 4 * i);
  return out;
}

/** The head of a data frame; the data itself follows it on the wire. */
export function dataHead(streamId: number, length: number, fin: boolean): Buffer {
  return numbers(streamId, ((fin ? FIN : 0) << 24) | length);
}
export function synStream(streamId: number, block: Buffer): Buffer {
  // stream, associated stream, then two bytes of priority and slot
  return control(SYN_STREAM, 0, Buffer.concat([numbers(streamId, 0), Buffer.alloc(2), block]));
}
export function synReply(streamId: number, block: Buffer): Buffer {
  return control(SYN_REPLY, 0, Buffer.concat([numbers(streamId), block]));
}
export function rstStream(streamId: number, status: number): Buffer {
  return control(RST_STREAM, 0, numbers(streamId, status));
}
export function ping(id: number): Buffer {
  return control(PING, 0, numbers(id));
}
export function goAway(lastStreamId: number): Buffer {
  return control(GOAWAY, 0, numbers(lastStreamId, 0));
}

/** Cuts a byte stream into frames. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  *push(chunk: Buffer): Iterable<Frame> {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let at = 0;
    while (this.#pending.length - at >= 8) {
      const length = this.#pending.readUInt32BE(at + 4) & 0xffffff;
      if (this.#pending.length - at < 8 + length) break;
      yield parse(this.#pending.subarray(at, at + 8 + length));
      at += 8 + length;
    }
    this.#pending = this.#pending.subarray(at);
  }
}

function parse(frame: Buffer): Frame {
  const first = frame.readUInt32BE(0);
  const fin = (frame[4]! & FIN) !== 0;
  const payload = frame.subarray(8);
  if ((first & CONTROL) === 0) return { type: "data", streamId: first, fin, data: payload };
  const version = (first >>> 16) & 0x7fff;
  if (version !== VERSION) throw new Error(`SPDY version ${version} is not spoken here, only ${VERSION}`);
  const id = () => payload.readUInt32BE(0) & 0x7fffffff;
  switch (first & 0xffff) {
    case SYN_STREAM:
      return { type: "synStream", streamId: id(), fin, block: payload.subarray(10) };
    case SYN_REPLY:
      return { type: "synReply", streamId: id(), fin, block: payload.subarray(4) };
    case HEADERS:
      return { type: "headers", streamId: id(), fin, block: payload.subarray(4) };
    case RST_STREAM:
      return { type: "rstStream", streamId: id(), status: payload.readUInt32BE(4) };
    case PING:
      return { type: "ping", id: payload.readUInt32BE(0) };
    case GOAWAY:
      return { type: "goAway", lastStreamId: id() };
    default:
      // SETTINGS and WINDOW_UPDATE: Kubernetes' peers do not limit streams by window.
      return { type: "other" };
  }
}
