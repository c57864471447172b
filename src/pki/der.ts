/** ASN.1 in DER (X.690): just the types that certificates need, each function answering one encoded value. */
const tag = { boolean: 1, integer: 2, bits: 3, octets: 4, oid: 6, utf8: 12, utcTime: 23, generalized: 24 } as const;

export function encode(tagByte: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tagByte]), encodeLength(body.length), body]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest & 0xff);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export const sequence = (...content: Uint8Array[]): Buffer => encode(0x30, ...content);
export const set = (...content: Uint8Array[]): Buffer => encode(0x31, ...content);
export const octets = (content: Uint8Array): Buffer => encode(tag.octets, content);
export const utf8 = (text: string): Buffer => encode(tag.utf8, Buffer.from(text));
export const boolean = (value: boolean): Buffer => encode(tag.boolean, Buffer.from([value ? 0xff : 0]));
/** A bit string whose last `unused` bits are padding. */
export const bits = (content: Uint8Array, unused = 0): Buffer => encode(tag.bits, Buffer.from([unused]), content);
/** Explicit tagging [n], or, with `primitive`, the implicit tagging of a primitive type. */
export const tagged = (n: number, content: Uint8Array, primitive = false): Buffer =>
  encode((primitive ? 0x80 : 0xa0) | n, content);

/** A whole number that is not negative, from its big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const trimmed = bytes.subarray(start);
  return encode(tag.integer, (trimmed[0] ?? 0) >= 0x80 ? Buffer.from([0]) : Buffer.alloc(0), trimmed);
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let more = arc >>> 7; more > 0; more >>>= 7) groups.unshift(0x80 | (more & 0x7f));
    bytes.push(...groups);
  }
  return encode(tag.oid, Buffer.from(bytes));
}

/** UTCTime through 2049, GeneralizedTime after, as RFC 5280 4.1.2.5 wants. */
export function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]|\..*/g, "");
  const utc = Number(digits.slice(0, 4)) < 2050;
  return encode(utc ? tag.utcTime : tag.generalized, Buffer.from(`${utc ? digits.slice(2) : digits}Z`));
}
