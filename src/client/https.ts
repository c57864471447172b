import { readFile } from "node:fs/promises";
import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import { failure, type Status, StatusError, type StatusReason } from "../apimachinery/status.ts";
import { type Clock, realClock } from "../util/clock.ts";
import { Connection } from "./connection.ts";
import { FENCE } from "./fence.ts";
import { freeze } from "./freeze.ts";
import { LineSplitter } from "./lines.ts";
import type { Transport, TransportEvent, TransportRequest } from "./transport.ts";

/** A client certificate, in PEM, that may be replaced. */
export interface ClientCredentials {
  current(): { cert: string | Buffer; key: string | Buffer } | undefined;
  /** Calls after each replacement; answers how to stop that. */
  subscribe(replaced: () => void): () => void;
}

export interface HttpsOptions {
  /** "https://host:port", optionally with a path before /api */
  server: string;
  /** PEM of the authority that signed the server's certificate; the system's authorities when left out */
  ca?: string | Buffer;
  /** PEM of the client certificate and its key */
  cert?: string | Buffer;
  key?: string | Buffer;
  /** instead of these, a certificate that is renewed while it is in use */
  credentials?: ClientCredentials;
  token?: string;
  /** read again when it is a minute old: mounted tokens are renewed in place */
  tokenFile?: string;
  insecureSkipTlsVerify?: boolean;
  /** the name to expect in the server's certificate, when not the host of `server` */
  tlsServerName?: string;
  userAgent?: string;
  clock?: Clock;
}

const TOKEN_AGE = 60_000;
const RETRIES = 5;

/** The stream of a request that the server has begun to answer. */
interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  stream: ClientHttp2Stream;
}

class HttpsTransport implements Transport {
  readonly #options: HttpsOptions;
  readonly #clock: Clock;
  readonly #connection: Connection;
  readonly #base: string;
  readonly #unsubscribe: (() => void) | undefined;
  #token: { value: string; at: number } | undefined;

  constructor(options: HttpsOptions) {
    const { ca, cert, key, credentials, insecureSkipTlsVerify, tlsServerName } = options;
    const url = new URL(options.server);
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#base = url.pathname.replace(/\/$/, "");
    const always = { ca, rejectUnauthorized: !insecureSkipTlsVerify, servername: tlsServerName };
    const tls = () => ({ ...always, cert, key, ...credentials?.current() });
    this.#connection = new Connection({ server: url.origin, tls, clock: this.#clock });
    this.#unsubscribe = credentials?.subscribe(() => this.#connection.renew());
  }

  async request(request: TransportRequest): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await this.#send(request);
        const text = await readAll(answer.stream);
        return freeze(parseAnswer(answer, text));
      } catch (error) {
        const wait = attempt < RETRIES ? retryAfter(request, error, attempt) : undefined;
        if (wait === undefined) throw asStatusError(error);
        if (wait > 0) await this.#clock.sleep(wait, request.signal);
      }
    }
  }

  async *watch(request: TransportRequest & { signal: AbortSignal }): AsyncGenerator<readonly TransportEvent[]> {
    let answer: Answer;
    try {
      answer = await this.#send(request);
      if (answer.status !== 200) parseAnswer(answer, await readAll(answer.stream));
    } catch (error) {
      if (request.signal.aborted) return;
      throw asStatusError(error);
    }
    try {
      yield* events(answer.stream);
    } catch (error) {
      if (!request.signal.aborted) throw asStatusError(error);
    } finally {
      answer.stream.close();
    }
  }

  async close(): Promise<void> {
    this.#unsubscribe?.();
    this.#connection.close();
  }

  async #send(request: TransportRequest): Promise<Answer> {
    request.signal?.throwIfAborted();
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const headers = await this.#headers(request, body);
    const stream = this.#connection.stream(headers, { endStream: body === undefined });
    // a stream whose connection is not made yet would only close when that is
    const abort = () => (stream.pending ? stream.destroy() : stream.close(8));
    request.signal?.addEventListener("abort", abort, { once: true });
    stream.once("close", () => request.signal?.removeEventListener("abort", abort));
    if (body) stream.end(body);
    return answered(stream, request.signal);
  }

  async #headers(request: TransportRequest, body: Buffer | undefined): Promise<OutgoingHttpHeaders> {
    const query = request.query ? `?${new URLSearchParams(request.query)}` : "";
    const token = await this.#bearer();
    return {
      ":method": request.method,
      ":path": `${this.#base}${request.path}${query}`,
      accept: "application/json",
      "user-agent": this.#options.userAgent ?? "coxswain",
      ...(body ? { "content-type": request.contentType ?? "application/json", "content-length": body.length } : {}),
      ...(request.fence ? { [FENCE]: request.fence } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    };
  }

  async #bearer(): Promise<string | undefined> {
    const { token, tokenFile } = this.#options;
    if (!tokenFile) return token;
    const now = this.#clock.now();
    if (!this.#token || now - this.#token.at > TOKEN_AGE) {
      this.#token = { value: (await readFile(tokenFile, "utf8")).trim(), at: now };
    }
    return this.#token.value;
  }
}

/** Waits for the answer's headers. */
function answered(stream: ClientHttp2Stream, signal: AbortSignal | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    stream.once("response", (headers) => resolve({ status: Number(headers[":status"]), headers, stream }));
    stream.once("error", reject);
    stream.once("close", () => reject(signal?.aborted ? signal.reason : new Error("the stream closed unanswered")));
  });
}

async function readAll(stream: ClientHttp2Stream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** The object of a success; throws for a failure, also when its body is no Status (as from a proxy in between). */
function parseAnswer({ status, headers }: Answer, text: string): unknown {
  let value: unknown;
  try {
    value = text === "" ? undefined : JSON.parse(text);
  } catch {
    value = text;
  }
  if (status >= 200 && status < 300) return value;
  const retryAfterSeconds = Number(headers["retry-after"]) || undefined;
  if (isStatus(value)) {
    const details = retryAfterSeconds ? { retryAfterSeconds, ...value.details } : value.details;
    throw new StatusError({ ...value, code: value.code ?? status, ...(details ? { details } : {}) });
  }
  throw failure(
    status,
    REASONS[status] ?? "InternalError",
    text.trim().slice(0, 2000) || `the server answered ${status}`,
    { retryAfterSeconds },
  );
}

/** What an answer means that says no more than its code, as from paths that nobody serves and from what stands between. */
const REASONS: Readonly<Record<number, StatusReason>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  409: "Conflict",
  429: "TooManyRequests",
  503: "ServiceUnavailable",
};

function isStatus(value: unknown): value is Status {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "Status";
}

async function* events(stream: ClientHttp2Stream): AsyncGenerator<readonly TransportEvent[]> {
  const splitter = new LineSplitter();
  for await (const chunk of stream) {
    const batch: TransportEvent[] = [];
    for (const line of splitter.push(chunk as Buffer)) {
      const event = freeze(JSON.parse(line)) as { type: string; object: unknown };
      if (event.type === "ERROR") {
        if (batch.length > 0) yield batch;
        throw new StatusError(event.object as Status);
      }
      batch.push(event as TransportEvent);
    }
    if (batch.length > 0) yield batch;
  }
}

/** What is certain not to have been acted on may be sent again; reads may always. */
function retryAfter(request: TransportRequest, error: unknown, attempt: number): number | undefined {
  if (request.signal?.aborted) return undefined;
  // A connection found dead is made anew at once; after that, patience grows.
  const backoff = attempt === 0 ? 0 : Math.min(2000, 50 * 2 ** attempt);
  if (error instanceof StatusError) {
    const seconds = error.status.details?.retryAfterSeconds;
    return error.code === 429 ? (seconds ?? 1) * 1000 : undefined;
  }
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  const unsent = code === "ECONNREFUSED" || /REFUSED_STREAM/.test(String((error as Error)?.message));
  return unsent || request.method === "GET" ? backoff : undefined;
}

/** Connection failures as ServiceUnavailable, with the cause kept. */
function asStatusError(error: unknown): unknown {
  if (error instanceof StatusError || (error as Error)?.name === "AbortError") return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const wrapped = failure(503, "ServiceUnavailable", `cannot reach the API server: ${cause.message}`);
  wrapped.cause = cause;
  return wrapped;
}

/** JSON over one HTTP/2 connection, which is made when first needed and again whenever it was lost. */
export function httpsTransport(options: HttpsOptions): Transport {
  return new HttpsTransport(options);
}
