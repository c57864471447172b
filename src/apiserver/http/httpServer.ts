import type { IncomingMessage, ServerResponse } from "node:http";
import {
  createSecureServer,
  type Http2SecureServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Exchange } from "./exchange.ts";
import { Http1Exchange, Http2Exchange } from "./exchange.ts";

export interface HttpServerOptions {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly clientCA: string | Buffer;
  readonly handle: (exchange: Exchange) => void;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

const MEGABYTE = 1024 * 1024;
/** Longer than Go's client keeps a connection that it does not use: whoever ends it, it must not be the server first. */
const KEEP_ALIVE = 120_000;

/** HTTP/2 and HTTP/1.1 on one port, with TLS; client certificates are asked for and checked, but not required. */
export class HttpServer {
  #server: Http2SecureServer;
  #sessions = new Set<ServerHttp2Session>();
  #sockets = new Set<Socket>();

  constructor({ cert, key, clientCA, handle, upgrade }: HttpServerOptions) {
    this.#server = createSecureServer({
      cert,
      key,
      ca: clientCA,
      requestCert: true,
      rejectUnauthorized: false,
      allowHTTP1: true,
      // Concurrent large lists are refused with the default of 10 MB.
      maxSessionMemory: 1024,
      // An empty PING or SETTINGS now and then is how Go's client looks after its connections.
      maxSettings: 32,
      settings: { maxConcurrentStreams: 1000, initialWindowSize: MEGABYTE, maxHeaderListSize: 256 * 1024 },
    });
    // Of HTTP/1.1, which Node's types of this server do not know of; the default of 5 s cuts requests under way.
    Object.assign(this.#server, { keepAliveTimeout: KEEP_ALIVE });
    this.#server.on("session", (session) => this.#track(session));
    this.#server.on("secureConnection", (socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("request", (request: unknown, response: unknown) => {
      handle(new Http1Exchange(request as IncomingMessage, response as ServerResponse));
    });
    // Listening for "request" makes Node wrap every HTTP/2 stream in its compatibility layer, which costs more than the
    // stream itself. Streams are handled directly instead, and the wrapper serves HTTP/1.1 only.
    this.#server.removeAllListeners("stream");
    this.#server.on("stream", (stream, headers) => {
      stream.on("error", () => {}); // the client went away: there is no one to tell
      handle(new Http2Exchange(stream as ServerHttp2Stream, headers));
    });
    this.#server.on("upgrade", upgrade);
    this.#server.on("sessionError", () => {}); // as above
    this.#server.on("tlsClientError", () => {}); // as above; a port scanner is no event
  }
  #track(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.setLocalWindowSize(16 * MEGABYTE);
    session.once("close", () => this.#sessions.delete(session));
  }
  listen(address: string, port: number): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host: address, port, backlog: 1024 }, () => {
        this.#server.off("error", reject);
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }
  /** Stops listening; connections end once their requests are answered, or when `cut` is called. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const session of this.#sessions) session.close();
    });
  }
  /** Ends what is still open. */
  cut(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }
}
