import { once } from "node:events";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { pipeline } from "node:stream/promises";
import type { TLSSocket } from "node:tls";
import type { Logger } from "../../util/logger.ts";
import { answerPull, type ImageSource } from "./distribution.ts";

export interface ImageServerOptions {
  source: ImageSource;
  port: number;
  /** files in PEM */
  tls: { cert: string; key: string; clientCA: string };
  logger: Logger;
}

/** The group in whose name nodes have their certificates. */
const NODES = "system:nodes";

/** Lets the cluster's nodes, and nobody else, pull images from here, until `signal` aborts. */
export async function serveImages(options: ImageServerOptions, signal: AbortSignal): Promise<void> {
  const server = await listen(options);
  options.logger.info("serving images", { port: options.port });
  if (!signal.aborted) await once(signal, "abort");
  server.closeAllConnections();
  server.close();
}

export async function listen({ source, port, tls, logger }: ImageServerOptions): Promise<Server> {
  const [cert, key, ca] = await Promise.all([tls.cert, tls.key, tls.clientCA].map((file) => readFile(file)));
  const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    answer(request, response, source).catch((error: unknown) => {
      logger.warn("an image could not be sent", { path: request.url, error });
      response.destroy();
    });
  });
  server.on("tlsClientError", () => {}); // whoever has no certificate of a node
  server.listen(port);
  await once(server, "listening");
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, source: ImageSource): Promise<void> {
  const refuse = (status: number, code: string, message: string) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ errors: [{ code, message }] }));
  };
  if (!isNode(request.socket as TLSSocket)) return refuse(403, "DENIED", "images are for the cluster's nodes");
  const { pathname: path, searchParams } = new URL(request.url ?? "/", "https://images");
  const { method = "GET" } = request;
  const found = await answerPull({ method, path, namespace: searchParams.get("ns") }, source);
  if (found.status !== 200) return refuse(found.status, found.code, found.message);
  response.writeHead(200, found.headers);
  if (method === "HEAD" || found.file === undefined) response.end();
  else await pipeline(createReadStream(found.file), response);
}

function isNode(socket: TLSSocket): boolean {
  const groups = socket.getPeerCertificate().subject?.O as string | string[] | undefined;
  return [groups ?? []].flat().includes(NODES);
}
