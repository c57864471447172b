import type { IncomingMessage } from "node:http";
import type { Duplex, Readable, Writable } from "node:stream";
import type { RemoteStatus, TerminalSize, Wants } from "./remoteStatus.ts";
import { Resizes } from "./resizes.ts";
import { SpdyConnection } from "./spdy/connection.ts";
import type { SpdyStream } from "./spdy/stream.ts";
import { acceptSpdy, acceptWebSocket, carrierOf, refuseUpgrade } from "./upgrade.ts";
import { WebSocketChannels } from "./websocketChannels.ts";

/** One exec or attach session, seen from the server: read `stdin`, write `stdout` and `stderr`, then `finish`. */
export interface RemoteCommand {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  readonly resizes: AsyncIterable<TerminalSize>;
  /** Tells how the command ended, sends what is still to be sent, and closes. */
  finish(status: RemoteStatus): Promise<void>;
  /** resolves when the connection is over, whoever ended it */
  readonly closed: Promise<void>;
}

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;

const WEBSOCKET_PROTOCOLS = [
  "v5.channel.k8s.io",
  "v4.channel.k8s.io",
  "v4.base64.channel.k8s.io",
  "channel.k8s.io",
  "base64.channel.k8s.io",
];
const SPDY_PROTOCOLS = ["v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"];

/**
 * Takes the upgrade of a `POST …/exec` or `…/attach` request, by WebSocket or SPDY as the client asks. Rejects, having
 * answered the client, when neither is possible.
 */
export async function acceptRemoteCommand(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  wants: Wants,
): Promise<RemoteCommand> {
  switch (carrierOf(request)) {
    case "websocket":
      return await overWebSocket(request, socket, head, wants);
    case "spdy":
      return await overSpdy(request, socket, head, wants);
    default:
      refuseUpgrade(socket, 400, "Bad Request", "unable to upgrade: Upgrade must be websocket or SPDY/3.1");
      throw new Error("the request asks for neither WebSocket nor SPDY/3.1");
  }
}

async function overWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  wants: Wants,
): Promise<RemoteCommand> {
  const webSocket = await acceptWebSocket(request, socket, head, WEBSOCKET_PROTOCOLS);
  const protocol = webSocket.protocol || "channel.k8s.io";
  const channels = new WebSocketChannels(webSocket, protocol);
  const resizes = new Resizes();
  channels.input(RESIZE).on("data", (message: Buffer) => resizes.pushJson(message.toString()));
  void channels.closed.then(() => resizes.end());
  const outputs = {
    stdout: wants.stdout ? channels.output(STDOUT) : undefined,
    stderr: wants.stderr && !wants.tty ? channels.output(STDERR) : undefined,
  };
  // A client learns from an empty message on the first channel that it reads that all are there.
  const first = outputs.stdout ? STDOUT : outputs.stderr ? STDERR : ERROR;
  channels.send(first, Buffer.alloc(0));
  return {
    stdin: wants.stdin ? channels.input(STDIN) : undefined,
    ...outputs,
    resizes,
    closed: channels.closed,
    async finish(status) {
      await Promise.all([flushed(outputs.stdout), flushed(outputs.stderr)]);
      channels.send(ERROR, encodeStatus(status, protocol));
      channels.close();
      await channels.closed;
    },
  };
}

/** Protocols before v4 say only what went wrong, in words. */
function encodeStatus(status: RemoteStatus, protocol: string): Buffer {
  if (/^v[45]\./.test(protocol)) return Buffer.from(JSON.stringify(status));
  return Buffer.from(status.status === "Success" ? "" : (status.message ?? "failed"));
}

async function overSpdy(request: IncomingMessage, socket: Duplex, head: Buffer, wants: Wants): Promise<RemoteCommand> {
  const protocol = acceptSpdy(request, socket, SPDY_PROTOCOLS);
  if (!protocol) throw new Error("the client offers no protocol that is spoken here");
  const { connection, streams } = await expectStreams(socket, head, expectedStreams(wants, protocol));
  const resizes = new Resizes();
  streams.get("resize")?.on("data", (message: Buffer) => resizes.pushJson(message.toString()));
  void connection.closed.then(() => resizes.end());
  const stdin = streams.get("stdin");
  const stdout = streams.get("stdout");
  const stderr = streams.get("stderr");
  return {
    stdin,
    stdout,
    stderr,
    resizes,
    closed: connection.closed,
    async finish(status) {
      await Promise.all([flushed(stdout, true), flushed(stderr, true)]);
      const error = streams.get("error")!;
      error.write(encodeStatus(status, protocol));
      await flushed(error, true);
      connection.close();
      await connection.closed;
    },
  };
}

function expectedStreams(wants: Wants, protocol: string): string[] {
  const expected = ["error"];
  if (wants.stdin) expected.push("stdin");
  if (wants.stdout) expected.push("stdout");
  if (wants.stderr && !wants.tty) expected.push("stderr");
  if (wants.tty && /^v[34]\./.test(protocol)) expected.push("resize");
  return expected;
}

/** Waits until the client has opened every stream that the session needs. */
async function expectStreams(socket: Duplex, head: Buffer, expected: readonly string[]) {
  const streams = new Map<string, SpdyStream>();
  let complete = () => {};
  const all = new Promise<void>((resolve) => (complete = resolve));
  const connection = new SpdyConnection(socket, {
    role: "server",
    head,
    onStream(stream) {
      streams.set(stream.headers.streamtype ?? "", stream);
      if (expected.every((name) => streams.has(name))) complete();
    },
  });
  await Promise.race([all, connection.closed]);
  const missing = expected.filter((name) => !streams.has(name));
  if (missing.length > 0) throw new Error(`the client left before it opened ${missing.join(", ")}`);
  return { connection, streams };
}

/** Resolves when all that was written to `stream` is on its way, or cannot be any more. */
function flushed(stream: Writable | undefined, end = false): Promise<void> {
  if (!stream || stream.destroyed || stream.writableFinished) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once("close", resolve);
    if (end) stream.end(() => resolve());
    else stream.write(Buffer.alloc(0), () => resolve());
  });
}
