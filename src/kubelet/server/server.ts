import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Duplex } from "node:stream";
import { aborted } from "../../client/index.ts";
import { refuseUpgrade } from "../../streaming/index.ts";
import type { KubeletOptions } from "../options.ts";
import type { NodeServices } from "../pod/node.ts";
import type { PodWorkers } from "../podWorkers.ts";
import { Authorizer, userOf } from "./authorizer.ts";
import { answerLogs } from "./containerLogs.ts";
import { attach, exec, portForward } from "./sessions.ts";
import { cadvisorMetrics, kubeletMetrics, resourceMetrics, summary } from "./stats.ts";

export interface ServerContext {
  options: KubeletOptions;
  node: NodeServices;
  workers: PodWorkers;
}

/** A refusal with its HTTP status. */
export class HttpError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

type Answer = (context: ServerContext, request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

const text =
  (produce: (context: ServerContext) => Promise<string> | string, type = "text/plain; charset=utf-8"): Answer =>
  async (context, _request, response) => {
    const body = await produce(context);
    response.writeHead(200, { "content-type": type }).end(body);
  };
const METRICS = "text/plain; version=0.0.4; charset=utf-8";

/** What the node answers, by the first part of the path (or the whole path). */
const ROUTES: Readonly<Record<string, Answer>> = {
  "/healthz": text(() => "ok"),
  "/healthz/ping": text(() => "ok"),
  "/healthz/syncloop": text(() => "ok"),
  "/pods": text((context) => JSON.stringify(podList(context)), "application/json"),
  "/runningpods/": text((context) => JSON.stringify(podList(context)), "application/json"),
  "/stats/summary": async (context, _request, response, url) => {
    const only = url.searchParams.get("only_cpu_and_memory") === "true";
    const body = JSON.stringify(await summary(context, only));
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  },
  "/metrics": text(kubeletMetrics, METRICS),
  "/metrics/resource": text(resourceMetrics, METRICS),
  "/metrics/cadvisor": text(cadvisorMetrics, METRICS),
  "/metrics/probes": text(() => "", METRICS),
  "/configz": text(({ options }) => JSON.stringify({ kubeletconfig: configuration(options) }), "application/json"),
};

/** The kubelet's HTTPS server: logs, exec, attach, port-forward and statistics, for those who may. */
export async function serveKubelet(context: ServerContext, signal: AbortSignal): Promise<void> {
  const { address, port, certificate, clientCAFile } = context.options.server;
  const ca = await readFile(clientCAFile);
  const credentials = "subscribe" in certificate ? certificate : undefined;
  const files = "certFile" in certificate ? await readFiles(certificate) : credentials?.current();
  // A client without a certificate is told 401 rather than cut off.
  const server = createServer({ ...files, ca, requestCert: true, rejectUnauthorized: false });
  // connections from now on are met with the new one
  const unsubscribe = credentials?.subscribe(() => server.setSecureContext({ ...credentials.current(), ca }));
  const { client, clock, nodeName } = context.options;
  const authorizer = new Authorizer(client, clock, nodeName);
  server.on("request", (request, response) => void handle(context, authorizer, request, response));
  server.on("upgrade", (request, socket, head) => void upgrade(context, authorizer, request, socket, head));
  await listen(server, address, port);
  await aborted(signal);
  unsubscribe?.();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function readFiles({ certFile, keyFile }: { certFile: string; keyFile: string }) {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  return { cert, key };
}

function listen(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function admit(authorizer: Authorizer, request: IncomingMessage, url: URL): Promise<void> {
  const user = userOf(request);
  if (!user) throw new HttpError(401, "Unauthorized");
  const method = request.method ?? "GET";
  if (await authorizer.allows(user, method, url.pathname)) return;
  throw new HttpError(403, `Forbidden (user=${user.name}, verb=${method.toLowerCase()}, resource=nodes)`);
}

async function handle(
  context: ServerContext,
  authorizer: Authorizer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "https://kubelet");
  try {
    await admit(authorizer, request, url);
    const answer = url.pathname.startsWith("/containerLogs/") ? answerLogs : ROUTES[url.pathname];
    if (!answer) throw new HttpError(404, "404 page not found");
    await answer(context, request, response, url);
  } catch (error) {
    refuse(context, response, error);
  }
}

function refuse({ node }: ServerContext, response: ServerResponse, error: unknown): void {
  const code = error instanceof HttpError ? error.code : 500;
  const message = error instanceof Error ? error.message : String(error);
  if (code === 500) node.logger.warn("request failed", { error });
  if (response.headersSent) return void response.destroy();
  response.writeHead(code, { "content-type": "text/plain; charset=utf-8" }).end(`${message}\n`);
}

const SESSIONS = { exec, attach, portForward } as const;

async function upgrade(
  context: ServerContext,
  authorizer: Authorizer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const url = new URL(request.url ?? "/", "https://kubelet");
  socket.on("error", () => {}); // the other end is gone: whoever reads or writes it notices
  try {
    await admit(authorizer, request, url);
    const session = SESSIONS[url.pathname.split("/")[1] as keyof typeof SESSIONS];
    if (!session) throw new HttpError(404, "404 page not found");
    await session(context, { request, socket, head, url });
  } catch (error) {
    const code = error instanceof HttpError ? error.code : 500;
    const message = error instanceof Error ? error.message : String(error);
    context.node.logger.debug("session ended", { path: url.pathname, error });
    if (!socket.destroyed) refuseUpgrade(socket, code, code === 500 ? "Internal Server Error" : "Refused", message);
  }
}

function podList({ workers }: ServerContext) {
  return { kind: "PodList", apiVersion: "v1", metadata: {}, items: workers.pods() };
}

function configuration(options: KubeletOptions) {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: options.server.address,
    port: options.server.port,
    clusterDNS: options.clusterDNS,
    clusterDomain: options.clusterDomain,
    maxPods: options.maxPods ?? 110,
    cgroupRoot: options.cgroupRoot,
    cgroupDriver: "cgroupfs",
    podLogsDir: options.podLogsDirectory,
    containerRuntimeEndpoint: options.criEndpoint,
    containerLogMaxSize: "10Mi",
    containerLogMaxFiles: 5,
    nodeStatusUpdateFrequency: "10s",
    nodeStatusReportFrequency: "5m0s",
  };
}
