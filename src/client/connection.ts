import type { SecureClientSessionOptions } from "node:http2";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from "node:http2";
import { connect as connectSocket, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Clock, Timer } from "../util/clock.ts";

/** A connection silent for so long is asked whether it still lives; one that does not answer is dropped. */
const PING_AFTER = 30_000;
const PING_TIMEOUT = 15_000;
/** Room for answers on their way: large lists on one connection must not wait for window updates. */
const WINDOW = 8 << 20;

export interface ConnectionOptions {
  /** "https://host:port" */
  server: string;
  /** asked anew for each connection, as certificates are renewed */
  tls: () => SecureClientSessionOptions;
  clock: Clock;
}

/** One HTTP/2 connection to one server, made when first needed and again after it was lost. */
export class Connection {
  readonly #options: ConnectionOptions;
  #session: ClientHttp2Session | undefined;
  readonly #sockets = new WeakMap<ClientHttp2Session, Socket>();
  #pinger: Timer | undefined;
  #streams = 0;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Opens a stream; connection failures surface as its "error". */
  stream(headers: OutgoingHttpHeaders, options: { endStream: boolean }): ClientHttp2Stream {
    if (this.#closed) throw new Error("the connection is closed");
    const session = this.#live();
    const stream = session.request(headers, options);
    this.#keepAlive(session, stream);
    return stream;
  }

  /** Streams keep the process alive while they run; an idle connection does not. */
  #keepAlive(session: ClientHttp2Session, stream: ClientHttp2Stream): void {
    const count = (by: number) => {
      if (this.#session !== session) return;
      this.#streams += by;
      if (this.#streams === 0) session.unref();
      else session.ref();
    };
    count(1);
    stream.once("close", () => count(-1));
  }

  /** Streams from now on get a new connection; those that are open end in their own time. */
  renew(): void {
    const session = this.#session;
    if (!session) return;
    this.#forget(session);
    session.close();
  }

  /** Ends the connection and every stream on it. */
  close(): void {
    this.#closed = true;
    this.#drop(this.#session);
  }

  #live(): ClientHttp2Session {
    const current = this.#session;
    if (current && !current.destroyed && !current.closed) return current;
    const socket = openSocket(this.#options);
    const session = connect(this.#options.server, {
      createConnection: () => socket,
      settings: { initialWindowSize: WINDOW, enablePush: false },
      maxSessionMemory: 256,
      peerMaxConcurrentStreams: 1000,
    });
    this.#session = session;
    this.#sockets.set(session, socket);
    this.#streams = 0;
    session.on("connect", () => session.setLocalWindowSize(2 * WINDOW));
    session.on("error", () => this.#forget(session));
    session.on("goaway", () => this.#forget(session));
    session.on("close", () => this.#forget(session));
    this.#watchOver(session);
    return session;
  }

  #forget(session: ClientHttp2Session): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#pinger?.cancel();
  }

  #drop(session: ClientHttp2Session | undefined): void {
    if (!session) return;
    this.#forget(session);
    const { connecting } = session;
    session.destroy(undefined, constants.NGHTTP2_CANCEL);
    // it would leave its socket trying, and the process waiting
    if (connecting) this.#sockets.get(session)?.destroy();
  }

  #watchOver(session: ClientHttp2Session): void {
    const { clock } = this.#options;
    this.#pinger?.cancel();
    this.#pinger = clock.setTimer(PING_AFTER, () => {
      if (session.destroyed || session.closed) return;
      const deadline = clock.setTimer(PING_TIMEOUT, () => this.#drop(session));
      const sent = session.ping((error) => {
        deadline.cancel();
        if (error) this.#drop(session);
        else this.#watchOver(session);
      });
      if (!sent) {
        deadline.cancel();
        this.#drop(session);
      }
    });
  }
}

function openSocket({ server, tls }: ConnectionOptions): Socket {
  const { protocol, hostname, port } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, "");
  if (protocol === "http:") return connectSocket({ host, port: Number(port || 80) });
  const options = tls();
  const servername = options.servername ?? (isIP(host) ? "" : host);
  return connectTls({ ...options, host, port: Number(port || 443), servername, ALPNProtocols: ["h2"] });
}
