import type { IncomingMessage } from "node:http";
import type { Duplex, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createWebSocketStream, type WebSocket } from "ws";
import type { DialledPort } from "./dial.ts";
import { SpdyConnection } from "./spdy/connection.ts";
import type { SpdyStream } from "./spdy/stream.ts";
import { acceptSpdy, acceptWebSocket, carrierOf, refuseUpgrade } from "./upgrade.ts";

/** One connection that a client forwards to a port of a Pod. What went wrong is written to `error`, then both are ended. */
export interface PortForwardStream {
  readonly port: number;
  readonly data: Duplex;
  readonly error: Writable;
}

/** Joins a client's connection with one to the Pod, and tells the client what went wrong there, however late it is said. */
export async function relayPortForward(
  { port, data, error }: PortForwardStream,
  dial: () => Promise<DialledPort>,
): Promise<void> {
  data.on("error", () => {});
  let failure = "";
  try {
    const remote = await dial();
    remote.data.on("error", () => {});
    const broken = await Promise.all([pipeline(data, remote.data), pipeline(remote.data, data)]).then(
      () => "",
      (reason: unknown) => messageOf(reason),
    );
    failure = (await remote.failure) || broken;
  } catch (reason) {
    failure = messageOf(reason);
  }
  if (failure === "") return void error.end();
  error.end(`error forwarding port ${port}: ${failure}`);
  data.destroy();
}

const messageOf = (reason: unknown) => (reason instanceof Error ? reason.message : String(reason));

const TUNNEL = "SPDY/3.1+portforward.k8s.io";

/** Takes the upgrade of a `…/portforward` request and answers its connections as the client opens them, until it leaves. */
export async function* acceptPortForward(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): AsyncIterable<PortForwardStream> {
  const carrier = carrierOf(request);
  if (carrier === "spdy") {
    if (!acceptSpdy(request, socket, ["portforward.k8s.io"])) return;
    yield* forwarded(socket, head);
  } else if (carrier === "websocket") {
    yield* forwarded(tunnel(await acceptWebSocket(request, socket, head, [TUNNEL])), Buffer.alloc(0));
  } else {
    refuseUpgrade(socket, 400, "Bad Request", "unable to upgrade: Upgrade must be websocket or SPDY/3.1");
  }
}

/** SPDY inside a WebSocket: each message carries some of its bytes. */
function tunnel(webSocket: WebSocket): Duplex {
  return createWebSocketStream(webSocket, { allowHalfOpen: false });
}

async function* forwarded(socket: Duplex, head: Buffer): AsyncIterable<PortForwardStream> {
  const ready: PortForwardStream[] = [];
  let wake = () => {};
  const pairs = new StreamPairs((pair) => {
    ready.push(pair);
    wake();
  });
  const connection = new SpdyConnection(socket, { role: "server", head, onStream: (stream) => pairs.add(stream) });
  let over = false;
  void connection.closed.then(() => {
    over = true;
    wake();
  });
  try {
    while (!over || ready.length > 0) {
      const next = ready.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    connection.close();
  }
}

/** A forwarded connection is two streams with one request id: errors, and data. */
class StreamPairs {
  readonly #halves = new Map<string, { data?: SpdyStream; error?: SpdyStream }>();
  readonly #onPair: (pair: PortForwardStream) => void;

  constructor(onPair: (pair: PortForwardStream) => void) {
    this.#onPair = onPair;
  }

  add(stream: SpdyStream): void {
    const { streamtype: type, requestid: id = "", port } = stream.headers;
    const number = Number(port);
    if ((type !== "data" && type !== "error") || !(number > 0 && number < 65536)) {
      stream.destroy();
      return;
    }
    const pair = this.#halves.get(id) ?? {};
    pair[type] = stream;
    this.#halves.set(id, pair);
    if (!pair.data || !pair.error) return;
    this.#halves.delete(id);
    this.#onPair({ port: number, data: pair.data, error: pair.error });
  }
}
