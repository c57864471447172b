/** Bytes that are not the message they should be. */
export class ProtobufError extends Error {}

/** Reads a message's fields from a part of a buffer. */
export class Reader {
  readonly #buffer: Buffer;
  at: number;
  end: number;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.end = bytes.byteLength;
  }
  /** An unsigned number; beyond 2^53 it is only near. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (this.at >= this.end) throw new ProtobufError("unexpected EOF");
      const byte = this.#buffer[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new ProtobufError("proto: integer overflow");
  }
  /** A signed 64-bit number. */
  int(): number {
    const start = this.at;
    const value = this.varint();
    if (this.at - start < 8) return value;
    this.at = start;
    return Number(this.bigInt());
  }
  bigInt(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (this.at >= this.end) throw new ProtobufError("unexpected EOF");
      const byte = this.#buffer[this.at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  }
  double(): number {
    const at = this.#take(8);
    return this.#buffer.readDoubleLE(at);
  }
  string(): string {
    const length = this.varint();
    const at = this.#take(length);
    return length === 0 ? "" : this.#buffer.utf8Slice(at, at + length);
  }
  /** A view, not a copy. */
  bytes(): Buffer {
    const length = this.varint();
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }
  /** Reads a nested message with `read`, which sees only its bytes. */
  nested<T>(read: (reader: Reader) => T): T {
    const length = this.varint();
    const at = this.#take(length);
    const { end } = this;
    this.at = at;
    this.end = at + length;
    const value = read(this);
    this.at = this.end;
    this.end = end;
    return value;
  }
  #take(length: number): number {
    const { at } = this;
    if (at + length > this.end) throw new ProtobufError("unexpected EOF");
    this.at = at + length;
    return at;
  }
  /** Passes over a field that is not known. */
  skip(wireType: number): void {
    if (wireType === 0) this.bigInt();
    else if (wireType === 1) this.#take(8);
    else if (wireType === 2) this.#take(this.varint());
    else if (wireType === 5) this.#take(4);
    else throw new ProtobufError(`proto: illegal wireType ${wireType}`);
  }
  /** Calls `field` for each field until the end of the message; what it does not read is passed over. */
  fields(field: (number: number, wireType: number) => boolean): void {
    while (this.at < this.end) {
      const tag = this.varint();
      const number = Math.floor(tag / 8);
      if (number === 0) throw new ProtobufError(`proto: illegal tag ${number} (wire type ${tag})`);
      if (!field(number, tag & 7)) this.skip(tag & 7);
    }
  }
  /** As `fields`, for a message of which only one field matters. */
  only(wanted: number, read: () => void): void {
    this.fields((number) => {
      if (number === wanted) read();
      return number === wanted;
    });
  }
}
