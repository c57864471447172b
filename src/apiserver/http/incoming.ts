import type { TLSSocket } from "node:tls";
import { gunzipSync } from "node:zlib";
import { badRequest, requestTooLarge } from "../../apimachinery/errors.ts";
import type { Body, Incoming } from "../pipeline/call.ts";
import type { Exchange } from "./exchange.ts";

/** As Kubernetes limits it. */
export const BODY_LIMIT = 3 * 1024 * 1024;

type Certificate = NonNullable<Incoming["certificate"]>;
const certificates = new WeakMap<TLSSocket, { certificate: Certificate | undefined }>();

/** The verified client certificate's subject; read once per connection. */
function certificateOf(socket: TLSSocket): Certificate | undefined {
  let known = certificates.get(socket);
  if (!known) {
    known = { certificate: readCertificate(socket) };
    certificates.set(socket, known);
  }
  return known.certificate;
}

function readCertificate(socket: TLSSocket): Certificate | undefined {
  if (!socket.authorized) return undefined;
  const peer = socket.getPeerCertificate();
  const subject = peer?.subject as { CN?: string | string[]; O?: string | string[] } | undefined;
  if (!subject?.CN) return undefined;
  const commonName = Array.isArray(subject.CN) ? subject.CN[0]! : subject.CN;
  const organizations = subject.O === undefined ? [] : Array.isArray(subject.O) ? subject.O : [subject.O];
  const sha256 = peer.fingerprint256.replaceAll(":", "").toLowerCase();
  return { commonName, organizations, sha256 };
}

function readAll({ input }: Exchange): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    input.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= BODY_LIMIT) chunks.push(chunk);
      else reject(requestTooLarge(`limit is ${BODY_LIMIT}`)); // the rest is read and dropped, so that the answer arrives
    });
    let whole = false;
    input.once("end", () => {
      whole = true;
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length));
    });
    input.once("error", reject);
    input.once("close", () => {
      if (!whole) reject(badRequest("the request's body was cut short"));
    });
  });
}

async function readBody(exchange: Exchange): Promise<Body> {
  const { method, requestHeaders } = exchange;
  const contentType = requestHeaders["content-type"] ?? "";
  if (method === "GET" || method === "HEAD") return { type: "none" };
  if (Number(requestHeaders["content-length"] ?? 0) > BODY_LIMIT) {
    exchange.input.resume();
    throw requestTooLarge(`limit is ${BODY_LIMIT}`);
  }
  const bytes = await readAll(exchange);
  if (requestHeaders["content-encoding"] !== "gzip") return { type: "bytes", bytes, contentType };
  return { type: "bytes", bytes: gunzipSync(bytes, { maxOutputLength: BODY_LIMIT }), contentType };
}

const NO_QUERY = new URLSearchParams();

/** An HTTP request as the phases see it. */
export class HttpIncoming implements Incoming {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly search: string;
  readonly direct = false;
  #exchange: Exchange;
  #body: Promise<Body> | undefined;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.method = exchange.method;
    const { target } = exchange;
    const mark = target.indexOf("?");
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.search = mark < 0 ? "" : target.slice(mark);
    this.query = mark < 0 ? NO_QUERY : new URLSearchParams(target.slice(mark + 1));
  }
  get signal(): AbortSignal {
    return this.#exchange.signal;
  }
  get certificate(): Certificate | undefined {
    return certificateOf(this.#exchange.socket);
  }
  get userAgent(): string {
    return this.#exchange.requestHeaders["user-agent"] ?? "";
  }
  get remoteAddress(): string | undefined {
    return this.#exchange.socket.remoteAddress;
  }
  header(name: string): string | undefined {
    const value = this.#exchange.requestHeaders[name];
    return Array.isArray(value) ? value[0] : value;
  }
  headers(name: string): readonly string[] {
    const value = this.#exchange.requestHeaders[name];
    if (value === undefined) return [];
    return Array.isArray(value) ? value : value.split(",").map((part) => part.trim());
  }
  headerNames(prefix: string): readonly string[] {
    return Object.keys(this.#exchange.requestHeaders).filter((name) => name.startsWith(prefix));
  }
  body(): Promise<Body> {
    this.#body ??= readBody(this.#exchange);
    return this.#body;
  }
}
