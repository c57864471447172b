import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex, Readable, Writable } from "node:stream";
import type { RemoteStatus, TerminalSize, Wants } from "./remoteStatus.ts";
import { SpdyConnection } from "./spdy/connection.ts";

/** One exec or attach session, seen from the client: write `stdin`, read `stdout` and `stderr`. */
export interface DialledCommand {
  readonly stdin?: Writable;
  readonly stdout?: Readable;
  readonly stderr?: Readable;
  resize(size: TerminalSize): void;
  /** How the command ended; rejects when the connection broke first. */
  readonly done: Promise<RemoteStatus>;
}

/** Opens a session at a streaming server, such as the URL that the container runtime answers to Exec and Attach. */
export async function dialRemoteCommand(url: string, wants: Wants, signal: AbortSignal): Promise<DialledCommand> {
  const connection = await dialSpdy(url, "v4.channel.k8s.io", signal);
  const open = (streamType: string, wanted: boolean) => (wanted ? connection.open({ streamType }) : undefined);
  const error = await connection.open({ streamType: "error" });
  // The far end expects its streams in this order.
  const stdin = await open("stdin", wants.stdin);
  const stdout = await open("stdout", wants.stdout);
  const stderr = await open("stderr", wants.stderr && !wants.tty);
  const sizes = await open("resize", wants.tty);
  const done = readAll(error).then((text) => {
    // since v4 a status is always written
    if (!text) throw new Error("the connection broke before the command ended");
    return parseStatus(text);
  });
  void done.then(
    () => connection.closed,
    () => connection.close(),
  );
  return {
    stdin,
    stdout,
    stderr,
    resize: ({ width, height }) => void sizes?.write(JSON.stringify({ Width: width, Height: height })),
    done,
  };
}

/** One connection to a port inside a Pod's network. */
export interface DialledPort {
  /** destroyed with the text of what went wrong, unless it had ended before */
  readonly data: Duplex;
  /** What went wrong, or "". It may be said only after the data has ended: containerd closes in that order. */
  readonly failure: Promise<string>;
}

/** Opens a connection to a port inside a Pod's network through a streaming server. */
export async function dialPortForward(url: string, port: number, signal: AbortSignal): Promise<DialledPort> {
  const connection = await dialSpdy(url, "portforward.k8s.io", signal);
  const pair = { port: String(port), requestID: "0" };
  const error = await connection.open({ ...pair, streamType: "error" });
  error.end();
  const data = await connection.open({ ...pair, streamType: "data" });
  const failure = readAll(error).then((text) => {
    if (text) data.destroy(new Error(text));
    return text ?? "";
  });
  const ended = new Promise((resolve) => data.once("close", resolve));
  void Promise.all([ended, failure]).then(() => connection.close());
  return { data, failure };
}

/** All that arrives, or undefined when the stream broke before its end. */
function readAll(stream: Readable): Promise<string | undefined> {
  let text = "";
  stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve) => {
    stream.once("end", () => resolve(text));
    stream.once("close", () => resolve(undefined));
  });
}

function parseStatus(text: string): RemoteStatus {
  try {
    return JSON.parse(text) as RemoteStatus;
  } catch {
    return { metadata: {}, status: "Failure", message: text, reason: "InternalError", code: 500 };
  }
}

async function dialSpdy(url: string, protocol: string, signal: AbortSignal): Promise<SpdyConnection> {
  const request = (url.startsWith("https:") ? httpsRequest : httpRequest)(url, {
    method: "POST",
    signal,
    headers: {
      Connection: "Upgrade",
      Upgrade: "SPDY/3.1",
      "X-Stream-Protocol-Version": protocol,
      "Content-Length": "0",
    },
  });
  request.end();
  const { socket, head } = await new Promise<{ socket: Duplex; head: Buffer }>((resolve, reject) => {
    request.once("error", reject);
    request.once("response", (response) => void refused(url, response).then(reject, reject));
    request.once("upgrade", (_response, upgraded: Duplex, first: Buffer) => resolve({ socket: upgraded, head: first }));
  });
  const connection = new SpdyConnection(socket, { role: "client", head });
  const abort = () => socket.destroy();
  signal.addEventListener("abort", abort, { once: true });
  void connection.closed.then(() => signal.removeEventListener("abort", abort));
  return connection;
}

async function refused(url: string, response: IncomingMessage): Promise<Error> {
  let body = "";
  for await (const chunk of response) body += chunk;
  return new Error(`${new URL(url).host} refused to stream: ${response.statusCode} ${body.trim()}`);
}
