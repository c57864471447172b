import { constants, createInflate, type Inflate } from "node:zlib";
import { headerDictionary } from "./dictionary.ts";

/** Stream headers; names are lower case on the wire. */
export type Headers = Readonly<Record<string, string>>;

/** zlib header for a deflate stream without a preset dictionary. */
const ZLIB_START = Buffer.from([0x78, 0x01]);

/** An empty stored block, as a sync flush ends with: Go's reader hands out what came before only when it meets one. */
const SYNC = Buffer.from([0, 0, 0, 0xff, 0xff]);

/** A header block may not be larger than this once unpacked. */
const MAX_BLOCK = 64 * 1024;

function word(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/**
 * Writes header blocks as stored deflate blocks: all blocks of one connection are one zlib stream, and stored blocks
 * need no state but whether the stream has begun. A handful of short headers is not worth compressing.
 */
export class HeaderWriter {
  #begun = false;

  encode(headers: Headers): Buffer {
    const entries = Object.entries(headers);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(entries.length);
    const block = Buffer.concat([
      count,
      ...entries.flatMap(([name, value]) => [word(name.toLowerCase()), word(value)]),
    ]);
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(block.length, 1);
    stored.writeUInt16LE(~block.length & 0xffff, 3);
    const start = this.#begun ? Buffer.alloc(0) : ZLIB_START;
    this.#begun = true;
    return Buffer.concat([start, stored, block, SYNC]);
  }
}

/** Reads header blocks, which share one zlib stream primed with the dictionary. Call `decode` for one block at a time. */
export class HeaderReader {
  readonly #inflate: Inflate = createInflate({ dictionary: headerDictionary, finishFlush: constants.Z_SYNC_FLUSH });
  #failed: Error | undefined;

  constructor() {
    this.#inflate.on("error", (error) => (this.#failed = error));
  }

  async decode(compressed: Buffer): Promise<Record<string, string>> {
    this.#inflate.write(compressed);
    await new Promise<void>((resolve) => this.#inflate.flush(constants.Z_SYNC_FLUSH, resolve));
    if (this.#failed) throw this.#failed;
    const block: Buffer = this.#inflate.read() ?? Buffer.alloc(0);
    if (block.length > MAX_BLOCK) throw new Error(`SPDY header block of ${block.length} bytes is too large`);
    return parseBlock(block);
  }

  close(): void {
    this.#inflate.close();
  }
}

function parseBlock(block: Buffer): Record<string, string> {
  const headers: Record<string, string> = {};
  let at = 4;
  const next = () => {
    const length = block.readUInt32BE(at);
    if (at + 4 + length > block.length) throw new Error("SPDY header block ends too early");
    const text = block.toString("utf8", at + 4, at + 4 + length);
    at += 4 + length;
    return text;
  };
  for (let left = block.readUInt32BE(0); left > 0; left--) {
    const name = next();
    headers[name] = next();
  }
  return headers;
}
