import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { StatusError } from "../../apimachinery/status.ts";
import type { Clock } from "../../util/clock.ts";
import type { Answer, Call } from "../pipeline/call.ts";
import { type Encoded, encode, encodeStatus } from "./encode.ts";
import type { Exchange } from "./exchange.ts";
import { negotiate } from "./negotiate.ts";
import { pour } from "./pour.ts";
import { watchContentType } from "./watchStream.ts";

type Headers = Record<string, string | string[]>;
const compress = promisify(gzip);
/** Smaller answers are not worth the time it takes to compress them. */
const GZIP_FROM = 128 * 1024;

function headersOf(call: Call, { contentType, headers }: Encoded): Headers {
  const out: Headers = { "audit-id": call.auditId, "cache-control": "no-cache, private", "content-type": contentType };
  if (call.warnings.length > 0) {
    const unique = [...new Set(call.warnings)];
    out.warning = unique.map((text) => `299 - ${quoted(text)}`);
  }
  return headers ? { ...out, ...headers } : out;
}

/** RFC 7230 quoting; header values cannot hold what is not Latin. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replace(/[^\t\x20-\x7e\x80-\xff]/g, "?")}"`;
}

function size(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

function wantsGzip(call: Call): boolean {
  return /\bgzip\b/.test(call.incoming.header("accept-encoding") ?? "");
}

function send(call: Call, exchange: Exchange, encoded: Encoded): void | Promise<void> {
  const headers = headersOf(call, encoded);
  const isList = encoded.chunks.length > 0 && call.incoming.method === "GET";
  if (isList && wantsGzip(call) && size(encoded.chunks) > GZIP_FROM) return sendZipped(exchange, encoded, headers);
  exchange.send(encoded.code, headers, encoded.chunks);
}

async function sendZipped(exchange: Exchange, { code, chunks }: Encoded, headers: Headers): Promise<void> {
  const zipped = await compress(Buffer.concat(chunks), { level: 1 });
  exchange.send(code, { ...headers, "content-encoding": "gzip", vary: "Accept-Encoding" }, [zipped]);
}

async function stream(call: Call, exchange: Exchange, answer: Answer & { type: "watch" }, clock: Clock): Promise<void> {
  const accepted = negotiate(call.incoming.header("accept"), { protobuf: true, shapes: true });
  const contentType = watchContentType(accepted);
  const sink = exchange.begin(200, headersOf(call, { code: 200, contentType, chunks: [] }));
  try {
    await pour(call, answer, { accepted, sink, clock });
  } finally {
    answer.watcher.close();
    sink.end();
  }
}

/** Sends an answer in the form that the client accepts. */
export async function respond(call: Call, exchange: Exchange, answer: Answer, clock: Clock): Promise<void> {
  if (answer.type === "watch") return stream(call, exchange, answer, clock);
  let encoded: Encoded;
  try {
    encoded = encode(call, answer);
  } catch (thrown) {
    encoded = encodeStatus(call, StatusError.from(thrown).status, undefined);
  }
  await send(call, exchange, encoded);
}
