import { Duplex } from "node:stream";
import type { Headers } from "./headers.ts";

/** What a stream needs of its connection. */
export interface StreamCarrier {
  sendData(streamId: number, data: Buffer, fin: boolean, done: (error?: Error | null) => void): void;
  sendReset(streamId: number): void;
  /** tells the connection that a stalled stream is being read again */
  resumed(): void;
}

/** One SPDY stream. Ending the writable half half-closes it; destroying it resets it. */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: Headers;
  readonly #carrier: StreamCarrier;
  #localFin = false;
  #remoteFin = false;

  constructor(id: number, headers: Headers, carrier: StreamCarrier) {
    super({ allowHalfOpen: true, highWaterMark: 64 * 1024 });
    this.id = id;
    this.headers = headers;
    this.#carrier = carrier;
    // A stream that its peer resets is news to whoever reads or writes it, not a reason to end the process.
    this.on("error", () => {});
  }

  /** Data that arrived. Answers whether the reader keeps up. */
  deliver(data: Buffer): boolean {
    return data.length === 0 || this.destroyed || this.push(data);
  }
  /** The peer writes no more. */
  deliverEnd(): void {
    if (this.#remoteFin || this.destroyed) return;
    this.#remoteFin = true;
    this.push(null);
  }
  /** The peer, or the connection, is done with the stream. Servers in Go end streams this way: what came before counts. */
  deliverReset(error?: Error): void {
    this.#localFin = true;
    this.deliverEnd();
    const read = this.readableFlowing !== null || this.listenerCount("readable") > 0 || this.readableLength > 0;
    if (error || this.readableEnded || !read) this.destroy(error);
    else this.once("end", () => this.destroy());
  }

  override _read(): void {
    this.#carrier.resumed();
  }
  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#carrier.sendData(this.id, typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk, false, done);
  }
  override _final(done: (error?: Error | null) => void): void {
    this.#localFin = true;
    this.#carrier.sendData(this.id, Buffer.alloc(0), true, done);
  }
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#localFin || !this.#remoteFin) this.#carrier.sendReset(this.id);
    done(error);
  }
}
