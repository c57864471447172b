/** For tests: a gRPC server of unary calls on a Unix socket. */
import { rm } from "node:fs/promises";
import { createServer, type ServerHttp2Stream } from "node:http2";
import { GrpcError, type Method, numberOf } from "./channel.ts";
import { decode, type Encodable, encode } from "./wire.ts";

export interface Handler {
  readonly path: string;
  answer(body: Buffer): Promise<Buffer>;
}

/** `work` may throw a GrpcError, which the caller gets. */
export function handler<Q, A>(
  method: Method<Q, A>,
  work: (request: Q) => Encodable<A> | Promise<Encodable<A>>,
): Handler {
  return {
    path: method.path,
    answer: async (body) => encode(method.response, await work(decode(method.request, body))),
  };
}

export interface TestServer {
  /** Closes it and removes its socket. */
  close(): Promise<void>;
}

export async function serveGrpc(socket: string, handlers: readonly Handler[]): Promise<TestServer> {
  const byPath = new Map(handlers.map((it) => [it.path, it]));
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream, headers) => {
    const found = byPath.get(String(headers[":path"]));
    void serve(stream as ServerHttp2Stream, found);
  });
  await rm(socket, { force: true });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve));
  return {
    async close() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(socket, { force: true });
    },
  };
}

async function serve(stream: ServerHttp2Stream, found: Handler | undefined): Promise<void> {
  stream.on("error", () => {});
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  let body: Buffer | undefined;
  let failure = new GrpcError("UNIMPLEMENTED", "unknown method");
  try {
    body = await found?.answer(Buffer.concat(chunks).subarray(5));
  } catch (error) {
    failure = error instanceof GrpcError ? error : new GrpcError("UNKNOWN", String(error));
  }
  if (stream.destroyed) return;
  const trailers = body
    ? { "grpc-status": "0" }
    : { "grpc-status": String(numberOf(failure.code)), "grpc-message": encodeURIComponent(failure.message) };
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  if (body) {
    const header = Buffer.alloc(5);
    header.writeUInt32BE(body.length, 1);
    stream.write(Buffer.concat([header, body]));
  }
  stream.end();
}
