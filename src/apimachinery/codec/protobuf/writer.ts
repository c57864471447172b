/**
 * Writes a message from its end to its beginning, so that a nested message's length is known when its turn comes. One
 * buffer is used for everything and grows as needed; encoding is synchronous, so there is never a second user.
 */
export class Writer {
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);
  /** where the first byte written so far stands */
  #at = this.#buffer.length;

  reset(): void {
    this.#at = this.#buffer.length;
  }
  /** How many bytes have been written; the difference of two is a length. */
  get length(): number {
    return this.#buffer.length - this.#at;
  }
  /** A copy of all bytes written. */
  finish(): Buffer {
    return Buffer.from(this.#buffer.subarray(this.#at));
  }
  #room(bytes: number): number {
    if (this.#at < bytes) this.#grow(bytes);
    this.#at -= bytes;
    return this.#at;
  }
  #grow(bytes: number): void {
    const old = this.#buffer;
    const used = old.length - this.#at;
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(old.length * 2, used + bytes + 1024));
    this.#at = this.#buffer.length - used;
    old.copy(this.#buffer, this.#at, old.length - used);
  }
  byte(value: number): void {
    const at = this.#room(1);
    this.#buffer[at] = value;
  }
  /** An unsigned number below 2^53. */
  varint(value: number): void {
    if (value < 0x80) {
      this.byte(value);
      return;
    }
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++;
    let at = this.#room(size);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[at] = rest;
  }
  /** A signed number; negative ones take ten bytes, as int32 and int64 do. */
  int(value: number): void {
    if (value >= 0) this.varint(value);
    else this.#bigVarint(BigInt.asUintN(64, BigInt(value)));
  }
  bigInt(value: bigint): void {
    this.#bigVarint(BigInt.asUintN(64, value));
  }
  #bigVarint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest >= 0x80n) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    const at = this.#room(bytes.length);
    this.#buffer.set(bytes, at);
  }
  double(value: number): void {
    const at = this.#room(8);
    this.#buffer.writeDoubleLE(value, at);
  }
  bytes(value: Uint8Array): void {
    const at = this.#room(value.length);
    this.#buffer.set(value, at);
  }
  /** Bytes with their length before them. */
  sizedBytes(value: Uint8Array): void {
    this.bytes(value);
    this.varint(value.length);
  }
  /** A text with its length before it. */
  string(value: string): void {
    const { length } = value;
    if (length > SHORT || !this.#ascii(value, length)) {
      const size = Buffer.byteLength(value);
      const at = this.#room(size);
      this.#buffer.utf8Write(value, at, size);
      this.varint(size);
    } else this.varint(length);
  }
  /** Short plain texts are written here, which is cheaper than a call out of JavaScript. */
  #ascii(value: string, length: number): boolean {
    const at = this.#room(length);
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) {
        this.#at += length;
        return false;
      }
      this.#buffer[at + i] = code;
    }
    return true;
  }
}

const SHORT = 48;

declare global {
  interface Buffer {
    utf8Write(text: string, offset: number, length: number): number;
    utf8Slice(start: number, end: number): string;
  }
}
