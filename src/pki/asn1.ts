/** Reads ASN.1 in DER (X.690): the other half of `der.ts`. Throws Asn1Error on anything that is not well formed. */
export class Asn1Error extends Error {}

export interface Element {
  /** class, form and number, as in the encoding's first byte */
  tag: number;
  content: Buffer;
  /** the whole encoding, header included */
  bytes: Buffer;
}

/** One element at the front of the bytes; what follows it is not looked at. */
export function readElement(bytes: Buffer): Element {
  if (bytes.length < 2) throw new Asn1Error("asn1: syntax error: sequence truncated");
  const tag = bytes[0]!;
  if ((tag & 0x1f) === 0x1f) throw new Asn1Error("asn1: structure error: tags above 30 are not used here");
  const { length, header } = readLength(bytes);
  if (bytes.length < header + length) throw new Asn1Error("asn1: syntax error: data truncated");
  return { tag, content: bytes.subarray(header, header + length), bytes: bytes.subarray(0, header + length) };
}

function readLength(bytes: Buffer): { length: number; header: number } {
  const first = bytes[1]!;
  if (first < 0x80) return { length: first, header: 2 };
  const count = first & 0x7f;
  if (count === 0 || count > 4 || bytes.length < 2 + count)
    throw new Asn1Error("asn1: syntax error: invalid length of element");
  return { length: bytes.readUIntBE(2, count), header: 2 + count };
}

/** The only element of the bytes. */
export function readOnly(bytes: Buffer): Element {
  const element = readElement(bytes);
  if (element.bytes.length < bytes.length) throw new Asn1Error("asn1: syntax error: trailing data");
  return element;
}

/** The elements inside a constructed one. */
export function children(parent: Element): Element[] {
  const found: Element[] = [];
  for (let rest = parent.content; rest.length > 0; ) {
    const element = readElement(rest);
    found.push(element);
    rest = rest.subarray(element.bytes.length);
  }
  return found;
}

/** "2.5.4.3" */
export function readOid({ tag, content }: Element): string {
  if (tag !== 6 || content.length === 0) throw new Asn1Error("asn1: structure error: not an object identifier");
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    arcs.push(value);
    value = 0;
  }
  const [first = 0, ...rest] = arcs;
  const top = Math.min(Math.floor(first / 40), 2);
  return [top, first - top * 40, ...rest].join(".");
}

/** The bytes of a bit string without padding. */
export function readBits({ tag, content }: Element): Buffer {
  if (tag !== 3 || content.length === 0) throw new Asn1Error("asn1: structure error: not a bit string");
  return content.subarray(1);
}
