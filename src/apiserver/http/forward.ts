import { type ClientRequest, type IncomingMessage, request as plainRequest, type RequestOptions } from "node:http";
import { Agent, request as secureRequest } from "node:https";
import type { Duplex, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { badRequest, internalError, pathNotFound, serviceUnavailable } from "../../apimachinery/errors.ts";
import type { Answer, Call, ForwardTarget } from "../pipeline/call.ts";
import type { Exchange } from "./exchange.ts";
import { isPage, linkRewriters, proxiedLink } from "./proxiedLinks.ts";

/** How this server shows itself to kubelets. */
export interface KubeletTLS {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** undefined: kubelets are not verified */
  readonly ca?: string | Buffer;
}

/** Headers that belong to one connection, and credentials that are for this server only. */
const NOT_PASSED = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "authorization",
  "host",
]);

function passedHeaders(from: NodeJS.Dict<string | string[]>): Record<string, string | string[]> {
  const out: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined || name.startsWith(":") || NOT_PASSED.has(name) || name.startsWith("impersonate-"))
      continue;
    out[name] = value;
  }
  return out;
}

/** Who asks is for this server to say. */
function withoutUser(headers: Record<string, string | string[]>): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith("x-remote-")));
}

/** Carries requests to kubelets, Pods and Services on behalf of clients. */
export class Forwarder {
  #kubelet: Agent | undefined;
  #other = new Agent({ keepAlive: false, rejectUnauthorized: false });

  constructor(kubelet: KubeletTLS | undefined) {
    if (!kubelet) return;
    const { cert, key, ca } = kubelet;
    this.#kubelet = new Agent({
      cert,
      key,
      ca,
      rejectUnauthorized: ca !== undefined,
      keepAlive: true,
      maxFreeSockets: 8,
    });
  }
  #ask(target: ForwardTarget, method: string, headers: Record<string, string | string[]>): ClientRequest {
    const url = new URL(target.url);
    const own = target.agent ? withoutUser(headers) : headers;
    // Programs in Pods end lines as they like; as Go's client, this one reads what can be read.
    const insecureHTTPParser = !target.kubelet && !target.agent;
    const options: RequestOptions = { method, headers: { ...own, ...target.headers }, insecureHTTPParser };
    if (url.protocol !== "https:") return plainRequest(url, options);
    return secureRequest(url, { ...options, agent: target.agent ?? (target.kubelet ? this.#kubelet : this.#other) });
  }
  close(): void {
    this.#kubelet?.destroy();
    this.#other.destroy();
  }
  /** Asks in the client's name and passes the answer on as it comes. Resolves when it is complete. */
  pass(call: Call, exchange: Exchange, target: ForwardTarget): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const headers = passedHeaders(exchange.requestHeaders);
      const request = this.#ask(target, exchange.method, headers);
      request.on("error", (error) => resolve(unreachable(target, error)));
      request.once("response", (response) => {
        if (target.refusesInText && !response.statusCode?.toString().startsWith("20")) {
          void refusalOf(response).then(resolve);
          return;
        }
        void passOn(response, exchange, call, target).then(() => resolve(undefined));
      });
      exchange.signal.addEventListener("abort", () => request.destroy(), { once: true });
      if (exchange.method === "GET" || exchange.method === "HEAD") request.end();
      else exchange.input.pipe(request);
    });
  }
  /** Joins the client's connection with the target's, byte for byte, once the target has agreed to upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, target: ForwardTarget): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const headers = passedHeaders(request.headers);
      headers.connection = "Upgrade";
      headers.upgrade = request.headers.upgrade!;
      const ask = this.#ask(target, request.method!, headers);
      ask.on("error", (error) => resolve(unreachable(target, error)));
      ask.once("upgrade", (response, other, first) => {
        socket.write(head101(response));
        if (first.length > 0) socket.write(first);
        if (head.length > 0) other.write(head);
        join(socket, other);
        resolve(undefined);
      });
      ask.once("response", (response) => {
        socket.write(headRefused(response));
        response.pipe(socket);
        resolve(undefined);
      });
      ask.end();
    });
  }
}

const LONGEST_REFUSAL = 50_000;

async function refusalOf(response: IncomingMessage): Promise<Answer> {
  let text = "";
  try {
    for await (const chunk of response) if (text.length < LONGEST_REFUSAL) text += chunk;
  } catch {
    // What has come until then is what there is to say.
  }
  const message = text.trim();
  if (response.statusCode === 400) return { type: "status", status: badRequest(message).status };
  if (response.statusCode === 404) return { type: "status", status: pathNotFound().status };
  return { type: "status", status: internalError(message).status };
}

function unreachable(target: ForwardTarget, error: Error): Answer {
  const { host } = new URL(target.url);
  return { type: "status", status: serviceUnavailable(`error trying to reach ${host}: ${error.message}`).status };
}

/** A page's links and a redirect lead through this server as well. */
function shownThrough(
  response: IncomingMessage,
  headers: Record<string, string | string[]>,
  { method }: Exchange,
  target: ForwardTarget,
): Transform[] {
  if (target.shownAt === undefined) return [];
  const shown = { prefix: target.shownAt, host: new URL(target.url).host };
  const { location, "content-type": type, "content-encoding": encoding = "" } = response.headers;
  if (location) headers.location = proxiedLink(location, shown);
  if (location || !isPage(type) || method === "HEAD") return [];
  const rewriters = linkRewriters(encoding, shown) ?? [];
  if (rewriters.length > 0) delete headers["content-length"];
  return rewriters;
}

async function passOn(response: IncomingMessage, exchange: Exchange, call: Call, target: ForwardTarget): Promise<void> {
  const headers = passedHeaders(response.headers);
  const rewriters = shownThrough(response, headers, exchange, target);
  const sink = exchange.begin(response.statusCode ?? 502, { ...headers, "audit-id": call.auditId });
  const send = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      const full = sink.write(chunk);
      if (full) await full;
    }
  };
  try {
    if (rewriters.length === 0) await send(response);
    else await pipeline([response, ...rewriters, send] as never);
  } catch {
    // One side has gone; what was sent until then is all there is.
  } finally {
    sink.end();
  }
}

function rawHeaders({ rawHeaders: raw }: IncomingMessage): string {
  let text = "";
  for (let i = 0; i < raw.length; i += 2) text += `${raw[i]}: ${raw[i + 1]}\r\n`;
  return text;
}

function head101(response: IncomingMessage): string {
  return `HTTP/1.1 101 Switching Protocols\r\n${rawHeaders(response)}\r\n`;
}

function headRefused(response: IncomingMessage): string {
  const lines = rawHeaders(response)
    .split("\r\n")
    .filter((line) => line !== "" && !/^(connection|transfer-encoding):/i.test(line));
  return `HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`;
}

/** What one side sends, the other receives, until either is done. */
function join(a: Duplex, b: Duplex): void {
  const close = () => {
    a.destroy();
    b.destroy();
  };
  a.on("error", close);
  b.on("error", close);
  a.once("close", close);
  b.once("close", close);
  a.pipe(b);
  b.pipe(a);
}
