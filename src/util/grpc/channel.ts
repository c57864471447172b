import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import { connect as connectSocket, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { decode, type Encodable, encode, type WireMessage } from "./wire.ts";

/** A failed call, with gRPC's status code. */
export class GrpcError extends Error {
  readonly code: GrpcCode;
  /** the server cannot have seen the request: there was no connection */
  readonly unsent: boolean;
  constructor(code: GrpcCode, message: string, unsent = false) {
    super(message);
    this.name = "GrpcError";
    this.code = code;
    this.unsent = unsent;
  }
}

const CODES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;
export type GrpcCode = (typeof CODES)[number];
/** As it stands on the wire. */
export const numberOf = (code: GrpcCode): number => CODES.indexOf(code);

/** One method of a service: "/runtime.v1.RuntimeService/Version", say. */
export interface Method<Request, Response> {
  path: string;
  request: WireMessage<Request>;
  response: WireMessage<Response>;
}

export interface CallOptions {
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Keys and certificates, as PEM. */
export interface ChannelTls {
  /** authorities of the server's certificate; the system's when left out */
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
}

/** A call whose requests are sent one by one while answers come. */
export interface DuplexCall<Request, Response> {
  /** Ignored once the call has ended; `responses` tells why it did. */
  send(request: Encodable<Request>): void;
  /** Leaving the loop ends the call. */
  readonly responses: AsyncGenerator<Response>;
}

/**
 * gRPC over HTTP/2: no compression, no load balancing. The connection is made when first needed and made anew after it
 * broke; a call that was under way then fails as UNAVAILABLE.
 */
export class GrpcChannel {
  readonly #endpoint: string;
  readonly #tls: ChannelTls | undefined;
  #session: ClientHttp2Session | undefined;
  #closed = false;

  /** `endpoint`: "unix:///run/containerd/containerd.sock", a plain path, or "tcp://host:port" */
  constructor(endpoint: string, tls?: ChannelTls) {
    this.#endpoint = endpoint.replace(/^unix:\/\//, "");
    this.#tls = tls;
  }

  async call<Request, Response>(
    method: Method<Request, Response>,
    request: Encodable<Request>,
    options: CallOptions = {},
  ): Promise<Response> {
    for await (const response of this.stream(method, request, options)) return response;
    throw new GrpcError("INTERNAL", `${method.path} answered nothing`);
  }

  /** The answers of a server-streaming call, as they come. Leaving the loop ends the call. */
  async *stream<Request, Response>(
    method: Method<Request, Response>,
    request: Encodable<Request>,
    options: CallOptions = {},
  ): AsyncGenerator<Response> {
    options.signal?.throwIfAborted();
    const stream = await this.#open(method.path, options);
    stream.end(frame(encode(method.request, request)));
    yield* answers(stream, method, options.signal);
  }

  async duplex<Request, Response>(
    method: Method<Request, Response>,
    options: CallOptions = {},
  ): Promise<DuplexCall<Request, Response>> {
    options.signal?.throwIfAborted();
    const stream = await this.#open(method.path, options);
    const send = (request: Encodable<Request>) => {
      if (!stream.destroyed && !stream.closed) stream.write(frame(encode(method.request, request)));
    };
    return { send, responses: answers(stream, method, options.signal) };
  }

  /** Drops the connection, which has been found dead; the next call makes another. */
  drop(why: string): void {
    this.#session?.destroy(new Error(why));
    this.#session = undefined;
  }

  close(): void {
    this.#closed = true;
    this.#session?.destroy();
    this.#session = undefined;
  }

  async #open(path: string, { headers, signal }: CallOptions): Promise<ClientHttp2Stream> {
    try {
      const session = this.#connected();
      if (session.connecting) await untilConnected(session, signal);
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc",
        te: "trailers",
        ...headers,
      });
      // Told to whoever reads the answers; a stream that breaks before anyone reads must not end the process.
      stream.on("error", () => {});
      return stream;
    } catch (error) {
      const why = signal?.aborted ? signal.reason : error;
      if (why instanceof GrpcError) throw new GrpcError(why.code, why.message, true);
      if (signal?.aborted) throw why;
      throw new GrpcError("UNAVAILABLE", `${path}: ${messageOf(error)}`, true);
    }
  }

  #connected(): ClientHttp2Session {
    if (this.#closed) throw new GrpcError("CANCELLED", "the connection was closed", true);
    const current = this.#session;
    if (current && !current.destroyed && !current.closed) return current;
    const session = connect(this.#tls ? "https://localhost" : "http://localhost", {
      createConnection: () => dial(this.#endpoint, this.#tls),
      // An exec's output may come in one message of 16 MB: windows that let it through in few round trips.
      settings: { initialWindowSize: 1 << 20, enablePush: false },
    });
    session.setMaxListeners(0); // each call that waits for the connection listens
    // Without a listener a broken connection would end the process; each stream reports it to its caller.
    session.on("error", () => {});
    session.on("close", () => {
      if (this.#session === session) this.#session = undefined;
    });
    this.#session = session;
    return session;
  }
}

/** Rejects when the connection cannot be made, or `signal` aborts first. */
function untilConnected(session: ClientHttp2Session, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      session.off("connect", connected).off("error", failed).off("close", closed);
      signal?.removeEventListener("abort", aborted);
      end();
    };
    const connected = () => settle(resolve);
    const failed = (error: Error) => settle(() => reject(error));
    const closed = () => settle(() => reject(new Error("the connection was closed")));
    const aborted = () => settle(() => reject(signal?.reason));
    session.on("connect", connected).on("error", failed).on("close", closed);
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

async function* answers<Request, Response>(
  stream: ClientHttp2Stream,
  method: Method<Request, Response>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Response> {
  const abort = () => stream.close(constants.NGHTTP2_CANCEL);
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  const trailers = watchTrailers(stream);
  try {
    for await (const body of frames(stream)) yield decode(method.response, body);
    if (!("grpc-status" in trailers()) && !stream.closed) await once(stream, "close");
    signal?.throwIfAborted();
    throwUnlessOk(trailers());
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof GrpcError ? error : new GrpcError("UNAVAILABLE", `${method.path}: ${messageOf(error)}`);
  } finally {
    signal?.removeEventListener("abort", abort);
    if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
  }
}

function dial(endpoint: string, tls: ChannelTls | undefined): Socket {
  if (!endpoint.startsWith("tcp://")) return connectSocket(endpoint);
  const { hostname, port } = new URL(endpoint);
  const host = hostname.replace(/^\[|\]$/g, "");
  const socket = tls
    ? connectTls({
        host,
        port: Number(port),
        ALPNProtocols: ["h2"],
        ...(isIP(host) === 0 && { servername: host }),
        ...tls,
      })
    : connectSocket(Number(port), host);
  return socket.setNoDelay(true);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function frame(body: Buffer): Buffer {
  const out = Buffer.allocUnsafe(5 + body.length);
  out[0] = 0;
  out.writeUInt32BE(body.length, 1);
  body.copy(out, 5);
  return out;
}

/** gRPC's status comes in the trailers, or in the headers when there is no body. */
function watchTrailers(stream: ClientHttp2Stream): () => Record<string, unknown> {
  let seen: Record<string, unknown> = {};
  stream.on("response", (headers) => {
    if ("grpc-status" in headers) seen = headers;
    else if (headers[":status"] !== 200)
      seen = { "grpc-status": "14", "grpc-message": `HTTP status ${headers[":status"]}` };
  });
  stream.on("trailers", (trailers) => {
    seen = trailers;
  });
  return () => seen;
}

function throwUnlessOk(trailers: Record<string, unknown>): void {
  const code = CODES[Number(trailers["grpc-status"] ?? 14)] ?? "UNKNOWN";
  if (code === "OK") return;
  throw new GrpcError(code, decodeMessage(String(trailers["grpc-message"] ?? "the stream ended without a status")));
}

function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Cuts the byte stream into messages. */
async function* frames(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let have = 0;
  let need = 5;
  let body = false;
  for await (const chunk of stream) {
    pending.push(chunk);
    have += chunk.length;
    while (have >= need) {
      const all = pending.length === 1 ? pending[0]! : Buffer.concat(pending);
      const part = all.subarray(0, need);
      pending = have > need ? [all.subarray(need)] : [];
      have -= need;
      if (body) yield part;
      need = body ? 5 : part.readUInt32BE(1);
      body = !body;
    }
  }
}
