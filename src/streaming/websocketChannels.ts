import { PassThrough, type Readable, Writable } from "node:stream";
import type { RawData, WebSocket } from "ws";

/** Sent as the channel of a message whose one byte names a channel that is to be half-closed (v5 only). */
const CLOSE_CHANNEL = 255;
/** How much unread input may wait before the connection is paused. */
const PAUSE_AT = 1024 * 1024;

/**
 * Many byte streams over one WebSocket: the first byte of each message is the channel's number. The base64 protocols
 * send text, with the number as a digit and the rest encoded.
 */
export class WebSocketChannels {
  readonly #socket: WebSocket;
  readonly #base64: boolean;
  readonly #inputs = new Map<number, PassThrough>();
  readonly closed: Promise<void>;

  constructor(socket: WebSocket, protocol: string) {
    this.#socket = socket;
    this.#base64 = protocol.includes("base64");
    socket.on("message", (data) => this.#receive(data));
    socket.on("error", () => socket.terminate());
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    void this.closed.then(() => {
      for (const input of this.#inputs.values()) input.end();
    });
  }

  /** What the peer sends on a channel. */
  input(channel: number): Readable {
    const input = new PassThrough({ highWaterMark: PAUSE_AT });
    this.#inputs.set(channel, input);
    return input;
  }

  /** A stream to the peer. Ending it says nothing to the peer. */
  output(channel: number): Writable {
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => this.send(channel, chunk, done),
    });
    // A client that left is not an error of whoever still writes to it.
    output.on("error", () => {});
    return output;
  }

  send(channel: number, data: Buffer, done: (error?: Error | null) => void = () => {}): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return done(new Error("the connection is closed"));
    if (this.#base64) this.#socket.send(`${channel}${data.toString("base64")}`, done);
    else this.#socket.send(Buffer.concat([Buffer.from([channel]), data]), done);
  }

  close(): void {
    this.#socket.close(1000);
  }

  #receive(raw: RawData): void {
    const bytes = Buffer.isBuffer(raw)
      ? raw
      : Buffer.concat([raw].flat().map((part) => Buffer.from(part as ArrayBuffer)));
    if (bytes.length === 0) return;
    const channel = this.#base64 ? bytes[0]! - 0x30 : bytes[0]!;
    const data = this.#base64 ? Buffer.from(bytes.toString("latin1", 1), "base64") : bytes.subarray(1);
    if (channel === CLOSE_CHANNEL && !this.#base64) return void this.#inputs.get(data[0] ?? -1)?.end();
    const input = this.#inputs.get(channel);
    if (!input || data.length === 0 || input.writableEnded) return;
    if (!input.write(data)) {
      this.#socket.pause();
      input.once("drain", () => this.#socket.resume());
    }
  }
}
