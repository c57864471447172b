/**
 * Splits a byte stream into lines. Bytes are joined only when a line spans chunks, and a chunk's whole lines come out
 * as one batch, so that a burst of watch events is handed on at once.
 */
export class LineSplitter {
  #rest: Uint8Array[] = [];

  /** The lines that `chunk` completes, without their line feeds; empty lines are left out. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = this.#take(chunk.subarray(start, end));
      if (line !== "") lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) this.#rest.push(chunk.subarray(start));
    return lines;
  }

  /** What came after the last line feed. */
  end(): string {
    return this.#take(Buffer.alloc(0));
  }

  #take(last: Buffer): string {
    if (this.#rest.length === 0) return last.toString("utf8");
    const line = Buffer.concat([...this.#rest, last]).toString("utf8");
    this.#rest = [];
    return line;
  }
}
