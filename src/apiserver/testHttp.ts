import { readFileSync } from "node:fs";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type DevServer, startDevServer } from "./devserver.ts";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A client of an API server on this machine, over TLS and HTTP/2, as the administrator; for tests. */
export interface Http {
  server: DevServer;
  session: ClientHttp2Session;
  tls: { ca: Buffer; cert: Buffer; key: Buffer };
  ask(
    method: string,
    path: string,
    options?: { headers?: Record<string, string>; body?: string | Buffer },
  ): Promise<Answer>;
}

export async function openHttp(t: TestContext, options: { anonymous?: boolean } = {}): Promise<Http> {
  const server = await startDevServer();
  const file = (name: string) => readFileSync(join(server.pki, name));
  const tls = { ca: file("ca.crt"), cert: file("admin.crt"), key: file("admin.key") };
  const session = connect(server.url, options.anonymous ? { ca: tls.ca } : tls);
  t.after(async () => {
    session.close();
    await server.close();
  });
  const ask: Http["ask"] = (method, path, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ":method": method, ":path": path, ...headers });
      const chunks: Buffer[] = [];
      let head: IncomingHttpHeaders & { ":status"?: number } = {};
      stream.on("response", (h) => {
        head = h;
      });
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => resolve({ status: head[":status"]!, headers: head, body: Buffer.concat(chunks) }));
      stream.on("error", reject);
      stream.end(body);
    });
  return { server, session, tls, ask };
}
