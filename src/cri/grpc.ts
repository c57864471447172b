import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import { connect as connectSocket, type Socket } from "node:net";
import { decode, type Encodable, encode, type WireMessage } from "./wire.ts";

/** A failed call, with gRPC's status code. */
export class GrpcError extends Error {
  readonly code: GrpcCode;
  constructor(code: GrpcCode, message: string) {
    super(message);
    this.name = "GrpcError";
    this.code = code;
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

export const isRuntimeNotFound = (error: unknown) => error instanceof GrpcError && error.code === "NOT_FOUND";
/** The runtime does not answer (it is being restarted, say): whatever was asked may be asked again. */
export const isRuntimeGone = (error: unknown) => error instanceof GrpcError && error.code === "UNAVAILABLE";

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

/**
 * gRPC over HTTP/2 on a Unix socket: no TLS, no compression, no load balancing. The connection is made when first
 * needed and made anew after it broke; a call that was under way then fails as UNAVAILABLE.
 */
export class GrpcChannel {
  readonly #path: string;
  #session: ClientHttp2Session | undefined;
  #closed = false;

  /** `endpoint`: "unix:///run/containerd/containerd.sock", a plain path, or "tcp://host:port" */
  constructor(endpoint: string) {
    this.#path = endpoint.replace(/^unix:\/\//, "");
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
    const stream = this.#open(method.path, options.headers);
    const abort = () => stream.close(constants.NGHTTP2_CANCEL);
    options.signal?.addEventListener("abort", abort, { once: true });
    try {
      stream.end(frame(encode(method.request, request)));
      const trailers = watchTrailers(stream);
      for await (const body of frames(stream)) yield decode(method.response, body);
      if (!("grpc-status" in trailers()) && !stream.closed) await once(stream, "close");
      throwUnlessOk(trailers());
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error instanceof GrpcError ? error : new GrpcError("UNAVAILABLE", `${method.path}: ${messageOf(error)}`);
    } finally {
      options.signal?.removeEventListener("abort", abort);
      if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
    }
  }

  close(): void {
    this.#closed = true;
    this.#session?.destroy();
    this.#session = undefined;
  }

  #open(path: string, headers: Record<string, string> = {}): ClientHttp2Stream {
    try {
      return this.#connected().request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc",
        te: "trailers",
        ...headers,
      });
    } catch (error) {
      throw new GrpcError("UNAVAILABLE", `${path}: ${messageOf(error)}`);
    }
  }

  #connected(): ClientHttp2Session {
    if (this.#closed) throw new GrpcError("CANCELLED", "the connection was closed");
    const current = this.#session;
    if (current && !current.destroyed && !current.closed) return current;
    const session = connect("http://localhost", {
      createConnection: () => dial(this.#path),
      // An exec's output may come in one message of 16 MB: windows that let it through in few round trips.
      settings: { initialWindowSize: 1 << 20, enablePush: false },
    });
    // Without a listener a broken connection would end the process; each stream reports it to its caller.
    session.on("error", () => {});
    session.on("close", () => {
      if (this.#session === session) this.#session = undefined;
    });
    this.#session = session;
    return session;
  }
}

function dial(path: string): Socket {
  if (!path.startsWith("tcp://")) return connectSocket(path);
  const { hostname, port } = new URL(path);
  return connectSocket(Number(port), hostname.replace(/^\[|\]$/g, ""));
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
