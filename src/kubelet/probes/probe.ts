import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import type { Container, GRPCAction, HTTPGetAction, Pod, TCPSocketAction } from "../../api/core/v1/index.ts";
import { type CriClient, GrpcChannel, GrpcError, wire } from "../../cri/index.ts";
import type { Clock } from "../../util/clock.ts";

/** What one probe (or hook) does; of the four, one is set. */
export interface Handler {
  exec?: { command?: string[] };
  httpGet?: HTTPGetAction;
  tcpSocket?: TCPSocketAction;
  grpc?: GRPCAction;
}

export interface ProbeTarget {
  pod: Pod;
  container: Container;
  containerId: string;
  podIP: string;
  timeoutMs: number;
}

export interface ProbeResult {
  ok: boolean;
  /** what to tell of a failure */
  output: string;
  /** what to tell of a success that is not quite one */
  warning?: string;
}

const LONGEST_OUTPUT = 10 * 1024;

/** Carries out one probe; a failure of any kind is a result, never an exception. */
export async function probe(handler: Handler, target: ProbeTarget, cri: CriClient, clock: Clock): Promise<ProbeResult> {
  try {
    if (handler.exec) return await execProbe(handler.exec.command ?? [], target, cri);
    if (handler.httpGet) return await httpProbe(handler.httpGet, target, clock);
    if (handler.tcpSocket) return await tcpProbe(handler.tcpSocket, target, clock);
    if (handler.grpc) return await grpcProbe(handler.grpc, target, clock);
    return { ok: false, output: "missing probe handler" };
  } catch (error) {
    return { ok: false, output: error instanceof Error ? error.message : String(error) };
  }
}

async function execProbe(command: string[], target: ProbeTarget, cri: CriClient): Promise<ProbeResult> {
  try {
    const result = await cri.execSync(target.containerId, command, target.timeoutMs / 1000);
    const output = Buffer.concat([result.stdout, result.stderr]).toString().slice(0, LONGEST_OUTPUT);
    return { ok: result.exitCode === 0, output };
  } catch (error) {
    if (error instanceof GrpcError && error.code === "DEADLINE_EXCEEDED") {
      return {
        ok: false,
        output: `command timed out: ${JSON.stringify(command.join(" "))} timed out after ${target.timeoutMs / 1000}s`,
      };
    }
    throw error;
  }
}

/** A number, or the name of one of the container's ports. */
export function resolvePort(port: number | string, container: Container): number {
  if (typeof port === "number") return port;
  const named = container.ports?.find((it) => it.name === port);
  const number = named?.containerPort ?? Number(port);
  if (!Number.isInteger(number) || number <= 0 || number > 65535) throw new Error(`couldn't find port: ${port}`);
  return number;
}

const hostPort = (host: string, port: number) => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);

export interface HttpAnswer {
  status: number;
  body: string;
  /** where a redirect leads that was not followed, because another host would answer */
  elsewhere?: URL;
}

const MOST_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * GET as probes and hooks make it: certificates are not checked, the timeout spans the whole exchange. Redirects are
 * followed, those to other hosts only with `abroad`.
 */
export async function httpGet(
  action: HTTPGetAction,
  target: ProbeTarget,
  clock: Clock,
  { abroad = false } = {},
): Promise<HttpAnswer> {
  const scheme = (action.scheme || "HTTP").toLowerCase();
  const host = action.host || target.podIP;
  const path = action.path?.startsWith("/") ? action.path : `/${action.path ?? ""}`;
  const first = `${scheme}://${hostPort(host, resolvePort(action.port, target.container))}${path}`;
  const headers: Record<string, string> = { "User-Agent": "kube-probe/1.36", Accept: "*/*", Connection: "close" };
  for (const { name, value } of action.httpHeaders ?? []) headers[canonical(name)] = value;
  const deadline = clock.now() + target.timeoutMs;
  let url = new URL(first);
  for (let hops = 0; ; hops++) {
    const { location, ...answer } = await getOnce(url, headers, deadline - clock.now(), clock);
    if (!REDIRECTS.has(answer.status) || !location) return answer;
    const next = new URL(location, url);
    if (next.hostname !== url.hostname && !abroad) return { ...answer, elsewhere: next };
    if (hops === MOST_REDIRECTS - 1) throw new Error(`Get "${next}": stopped after ${MOST_REDIRECTS} redirects`);
    url = next;
  }
}

function getOnce(
  url: URL,
  headers: Record<string, string>,
  timeoutMs: number,
  clock: Clock,
): Promise<HttpAnswer & { location: string | undefined }> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isHttps = url.protocol === "https:";
  const port = Number(url.port) || (isHttps ? 443 : 80);
  return new Promise((resolve, reject) => {
    const request = isHttps ? httpsRequest : httpRequest;
    const path = url.pathname + url.search;
    // lenient, as Go's client is, to programs that end their header lines without a carriage return
    const leniently = { rejectUnauthorized: false, insecureHTTPParser: true };
    const options = { host, port, path, headers, agent: false as const, ...leniently };
    const call = request(options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        if (size < LONGEST_OUTPUT) chunks.push(chunk);
        size += chunk.length;
      });
      const { statusCode: status = 0, headers } = response;
      const answer = () => ({ status, body: Buffer.concat(chunks).toString(), location: headers.location });
      response.on("end", () => settle(() => resolve(answer())));
      response.on("error", fail);
    });
    const timer = clock.setTimer(Math.max(timeoutMs, 0), () => {
      settle(() =>
        reject(new Error(`Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`)),
      );
    });
    const settle = (outcome: () => void) => {
      timer.cancel();
      outcome();
      call.destroy();
    };
    const fail = (error: Error) => settle(() => reject(new Error(`Get "${url}": ${goNetError(error, host, port)}`)));
    call.on("error", fail);
    call.end();
  });
}

const canonical = (name: string) => (name.toLowerCase() === "host" ? "Host" : name);

async function httpProbe(action: HTTPGetAction, target: ProbeTarget, clock: Clock): Promise<ProbeResult> {
  const { status, body, elsewhere } = await httpGet(action, target, clock);
  if (elsewhere) return { ok: true, output: body, warning: `Probe terminated redirects, Response body: ${body}` };
  if (status >= 200 && status < 400) return { ok: true, output: body };
  return { ok: false, output: `HTTP probe failed with statuscode: ${status}` };
}

/** Network errors in the words people know from Kubernetes' events. */
function goNetError(error: Error, host: string, port: number): string {
  const code = (error as NodeJS.ErrnoException).code;
  const known: Record<string, string> = {
    ECONNREFUSED: "connect: connection refused",
    EHOSTUNREACH: "connect: no route to host",
    ENETUNREACH: "connect: network is unreachable",
    ETIMEDOUT: "i/o timeout",
  };
  if (code === "ECONNRESET") return "EOF";
  return code && known[code] ? `dial tcp ${hostPort(host, port)}: ${known[code]}` : error.message;
}

function tcpProbe(action: TCPSocketAction, target: ProbeTarget, clock: Clock): Promise<ProbeResult> {
  const host = action.host || target.podIP;
  const port = resolvePort(action.port, target.container);
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const settle = (result: ProbeResult) => {
      timer.cancel();
      socket.destroy();
      resolve(result);
    };
    const timer = clock.setTimer(target.timeoutMs, () =>
      settle({ ok: false, output: `dial tcp ${hostPort(host, port)}: i/o timeout` }),
    );
    socket.once("connect", () => settle({ ok: true, output: "" }));
    socket.once("error", (error) => settle({ ok: false, output: goNetError(error, host, port) }));
  });
}

const HEALTH = {
  path: "/grpc.health.v1.Health/Check",
  request: wire.message({ service: wire.string(1) }),
  response: wire.message({ status: wire.oneOf(1, "UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN") }),
};

/** A server that answers wrongly is told from one that cannot be reached. */
function grpcFailure(error: unknown, address: string): string {
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof GrpcError) || error.code === "UNAVAILABLE") {
    return `error: failed to connect service at "${address}": ${text}`;
  }
  if (error.code === "UNIMPLEMENTED") {
    return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${text}`;
  }
  return `error: health rpc probe failed: ${text}`;
}

async function grpcProbe(action: GRPCAction, target: ProbeTarget, clock: Clock): Promise<ProbeResult> {
  const address = hostPort(target.podIP, action.port);
  const channel = new GrpcChannel(`tcp://${address}`);
  const stop = new AbortController();
  const timer = clock.setTimer(target.timeoutMs, () => stop.abort(new Error("timeout")));
  try {
    const { status } = await channel.call(HEALTH, { service: action.service ?? "" }, { signal: stop.signal });
    if (status === "SERVING") return { ok: true, output: "service is healthy" };
    return { ok: false, output: `service unhealthy (responded with "${status}")` };
  } catch (error) {
    if (stop.signal.aborted) {
      return {
        ok: false,
        output: `timeout: failed to connect service "${address}" within ${target.timeoutMs / 1000}s`,
      };
    }
    return { ok: false, output: grpcFailure(error, address) };
  } finally {
    timer.cancel();
    channel.close();
  }
}
