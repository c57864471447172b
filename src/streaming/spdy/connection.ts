import type { Duplex } from "node:stream";
import { dataHead, type Frame, FrameReader, goAway, ping, rstStream, synReply, synStream } from "./frames.ts";
import { HeaderReader, type Headers, HeaderWriter } from "./headers.ts";
import { SpdyStream, type StreamCarrier } from "./stream.ts";

/** RST_STREAM status codes. */
const CANCEL = 5;
const INVALID_STREAM = 2;
const MAX_DATA = 64 * 1024;
/** How much one stream may hold unread before the whole connection waits for its reader. */
const STALL = 4 * 1024 * 1024;

export interface SpdyOptions {
  /** servers number their streams evenly, clients oddly */
  role: "client" | "server";
  /** a stream that the peer opened */
  onStream?(stream: SpdyStream): void;
  /** bytes that were read with the upgrade's head */
  head?: Buffer;
}

/** SPDY/3.1 over any byte stream, as far as Kubernetes uses it: streams with headers, half-close, reset and ping. */
export class SpdyConnection implements StreamCarrier {
  readonly #socket: Duplex;
  readonly #options: SpdyOptions;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #writer = new HeaderWriter();
  readonly #reader = new HeaderReader();
  readonly #replies = new Map<number, () => void>();
  /** resolves when the connection is over, whoever ended it */
  readonly closed: Promise<void>;
  #nextId: number;
  #lastSeen = 0;
  #onResumed: (() => void) | undefined;

  constructor(socket: Duplex, options: SpdyOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#nextId = options.role === "client" ? 1 : 2;
    socket.on("error", () => {});
    this.closed = this.#run().finally(() => this.#release());
  }

  /** Opens a stream and resolves once the peer has taken it. */
  async open(headers: Headers): Promise<SpdyStream> {
    const id = this.#nextId;
    this.#nextId += 2;
    const stream = this.#track(new SpdyStream(id, headers, this));
    const answered = new Promise<void>((resolve) => this.#replies.set(id, resolve));
    this.#send(synStream(id, this.#writer.encode(headers)));
    await Promise.race([answered, this.closed]);
    if (stream.destroyed) throw new Error("the SPDY connection closed before the stream was taken");
    return stream;
  }

  /** Says goodbye and ends the connection once what was written is out. */
  close(): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#socket.write(goAway(this.#lastSeen));
    this.#socket.end();
  }

  sendData(streamId: number, data: Buffer, fin: boolean, done: (error?: Error | null) => void): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return done(new Error("the connection is closed"));
    this.#socket.cork();
    let at = 0;
    do {
      const part = data.subarray(at, at + MAX_DATA);
      at += part.length;
      const last = at >= data.length;
      this.#socket.write(dataHead(streamId, part.length, fin && last));
      if (last) this.#socket.write(part, done);
      else this.#socket.write(part);
    } while (at < data.length);
    this.#socket.uncork();
  }
  sendReset(streamId: number): void {
    this.#send(rstStream(streamId, CANCEL));
  }
  resumed(): void {
    this.#onResumed?.();
  }

  async #run(): Promise<void> {
    const frames = new FrameReader();
    try {
      if (this.#options.head?.length) for (const frame of frames.push(this.#options.head)) await this.#handle(frame);
      for await (const chunk of this.#socket as AsyncIterable<Buffer>) {
        for (const frame of frames.push(chunk)) await this.#handle(frame);
      }
    } catch {
      // A broken connection or frame ends all its streams; they tell their users.
      this.#socket.destroy();
    }
  }

  async #handle(frame: Frame): Promise<void> {
    switch (frame.type) {
      case "synStream":
        return await this.#accept(frame.streamId, await this.#reader.decode(frame.block), frame.fin);
      case "synReply":
      case "headers":
        await this.#reader.decode(frame.block);
        this.#replies.get(frame.streamId)?.();
        this.#replies.delete(frame.streamId);
        if (frame.fin) this.#streams.get(frame.streamId)?.deliverEnd();
        return;
      case "data":
        return await this.#deliver(frame.streamId, frame.data, frame.fin);
      case "rstStream":
        return this.#streams.get(frame.streamId)?.deliverReset();
      case "ping":
        // Each side numbers its own pings; only the peer's are answered.
        if ((frame.id % 2 === 1) === (this.#options.role === "server")) this.#send(ping(frame.id));
        return;
      default:
        return;
    }
  }

  async #accept(id: number, headers: Headers, fin: boolean): Promise<void> {
    this.#lastSeen = id;
    const stream = this.#track(new SpdyStream(id, headers, this));
    this.#send(synReply(id, this.#writer.encode({})));
    if (fin) stream.deliverEnd();
    if (this.#options.onStream) this.#options.onStream(stream);
    else stream.destroy();
  }

  async #deliver(id: number, data: Buffer, fin: boolean): Promise<void> {
    const stream = this.#streams.get(id);
    if (!stream) return this.#send(rstStream(id, INVALID_STREAM));
    // The chunk is part of a larger buffer that would otherwise stay alive with it.
    const keepsUp = stream.deliver(Buffer.from(data));
    if (fin) stream.deliverEnd();
    if (!keepsUp && stream.readableLength > STALL && !stream.destroyed) await this.#readOrClosed(stream);
  }

  /** Resolves when `stream` has room again or nobody will read it any more. */
  #readOrClosed(stream: SpdyStream): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (stream.readableLength > STALL && !stream.destroyed) return;
        this.#onResumed = undefined;
        stream.off("close", check);
        resolve();
      };
      this.#onResumed = check;
      stream.on("close", check);
    });
  }

  #track(stream: SpdyStream): SpdyStream {
    this.#streams.set(stream.id, stream);
    stream.once("close", () => this.#streams.delete(stream.id));
    return stream;
  }

  #send(frame: Buffer): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(frame);
  }

  #release(): void {
    for (const stream of this.#streams.values()) stream.deliverReset();
    this.#reader.close();
    this.#socket.destroy();
  }
}
