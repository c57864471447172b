import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import {
  constants,
  type IncomingHttpHeaders as Http2Headers,
  type Http2Stream,
  type ServerHttp2Stream,
} from "node:http2";
import type { Readable } from "node:stream";
import type { TLSSocket } from "node:tls";

/** One HTTP request and the way to answer it, whether it came over HTTP/1.1 or HTTP/2. */
export interface Exchange {
  readonly method: string;
  /** path and query as sent */
  readonly target: string;
  readonly requestHeaders: IncomingHttpHeaders;
  readonly socket: TLSSocket;
  readonly input: Readable;
  /** aborts when the other side is gone before the answer was complete */
  readonly signal: AbortSignal;
  /** Sends a whole answer. */
  send(code: number, headers: Record<string, string | string[]>, chunks: readonly Uint8Array[]): void;
  /** Begins an answer of unknown length. */
  begin(code: number, headers: Record<string, string | string[]>): Sink;
}

/** Where an answer of unknown length is written to. */
export interface Sink {
  /** Resolves when more may be written; undefined: right away. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  end(): void;
}

function total(chunks: readonly Uint8Array[]): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  return length;
}

/** Small answers go out as one piece; of large ones, pieces of about this size are made. */
const PIECE = 256 * 1024;

function* pieces(chunks: readonly Uint8Array[], length: number): Generator<Buffer> {
  if (length <= PIECE) {
    yield Buffer.concat(chunks, length);
    return;
  }
  let from = 0;
  let size = 0;
  for (let i = 0; i < chunks.length; i++) {
    size += chunks[i]!.length;
    if (size < PIECE && i < chunks.length - 1) continue;
    yield Buffer.concat(chunks.slice(from, i + 1), size);
    from = i + 1;
    size = 0;
  }
}

interface Writable {
  write(chunk: Uint8Array): boolean;
  end(chunk?: Uint8Array): unknown;
  once(event: "drain" | "close", listener: () => void): unknown;
  off(event: "drain" | "close", listener: () => void): unknown;
  readonly destroyed: boolean;
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.once("drain", done);
    stream.once("close", done);
  });
}

function sinkOf(stream: Writable): Sink {
  return {
    write(chunk) {
      if (stream.destroyed) return undefined;
      return stream.write(chunk) ? undefined : drained(stream);
    },
    end() {
      if (!stream.destroyed) stream.end();
    },
  };
}

async function sendPieces(stream: Writable, chunks: readonly Uint8Array[], length: number): Promise<void> {
  for (const piece of pieces(chunks, length)) {
    if (stream.destroyed) return;
    if (!stream.write(piece)) await drained(stream);
  }
  if (!stream.destroyed) stream.end();
}

function sendAll(stream: Writable, chunks: readonly Uint8Array[], length: number): void {
  if (length <= PIECE) stream.end(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length));
  else void sendPieces(stream, chunks, length);
}

export class Http2Exchange implements Exchange {
  readonly method: string;
  readonly target: string;
  readonly requestHeaders: IncomingHttpHeaders;
  readonly socket: TLSSocket;
  readonly input: Readable;
  #stream: ServerHttp2Stream;
  #abort: AbortController | undefined;

  constructor(stream: ServerHttp2Stream, headers: Http2Headers) {
    this.#stream = stream;
    this.method = headers[":method"] as string;
    this.target = headers[":path"] as string;
    this.requestHeaders = headers as IncomingHttpHeaders;
    this.socket = stream.session!.socket as TLSSocket;
    this.input = stream;
  }
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      const abort = this.#abort;
      if (this.#stream.destroyed) abort.abort();
      else this.#stream.once("close", () => abort.abort());
    }
    return this.#abort.signal;
  }
  send(code: number, headers: Record<string, string | string[]>, chunks: readonly Uint8Array[]): void {
    if (this.#stream.destroyed || this.#stream.closed) return;
    const length = total(chunks);
    this.#stream.respond({ [constants.HTTP2_HEADER_STATUS]: code, ...headers, "content-length": String(length) });
    if (this.method === "HEAD") this.#stream.end();
    else sendAll(this.#stream as Http2Stream as unknown as Writable, chunks, length);
  }
  begin(code: number, headers: Record<string, string | string[]>): Sink {
    if (!this.#stream.destroyed && !this.#stream.closed) {
      this.#stream.respond({ [constants.HTTP2_HEADER_STATUS]: code, ...headers });
    }
    return sinkOf(this.#stream as Http2Stream as unknown as Writable);
  }
}

export class Http1Exchange implements Exchange {
  readonly method: string;
  readonly target: string;
  readonly requestHeaders: IncomingHttpHeaders;
  readonly socket: TLSSocket;
  readonly input: Readable;
  #response: ServerResponse;
  #abort: AbortController | undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#response = response;
    this.method = request.method!;
    this.target = request.url!;
    this.requestHeaders = request.headers;
    this.socket = request.socket as TLSSocket;
    this.input = request;
  }
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      const abort = this.#abort;
      this.#response.once("close", () => abort.abort());
    }
    return this.#abort.signal;
  }
  send(code: number, headers: Record<string, string | string[]>, chunks: readonly Uint8Array[]): void {
    const length = total(chunks);
    this.#response.writeHead(code, { ...headers, "content-length": String(length) });
    if (this.method === "HEAD") this.#response.end();
    else sendAll(this.#response as unknown as Writable, chunks, length);
  }
  begin(code: number, headers: Record<string, string | string[]>): Sink {
    this.#response.writeHead(code, headers);
    this.#response.flushHeaders();
    return sinkOf(this.#response as unknown as Writable);
  }
}
