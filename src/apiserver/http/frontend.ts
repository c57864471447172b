import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { refusal } from "../authorization/authorizer.ts";
import type { Metrics } from "../paths/metrics.ts";
import type { Answer, Call } from "../pipeline/call.ts";
import { newCall, run, type Server } from "../pipeline/pipeline.ts";
import { encodeStatus } from "./encode.ts";
import type { Exchange } from "./exchange.ts";
import type { Forwarder } from "./forward.ts";
import { HttpIncoming } from "./incoming.ts";
import { respond } from "./respond.ts";
import { logOverWebSocket } from "./webSocketLog.ts";
import { watchOverWebSocket } from "./webSocketWatch.ts";

const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Takes HTTP requests through the phases and sends what comes out. */
export class Frontend {
  #server: Server;
  #metrics: Metrics;
  #forwarder: Forwarder;
  #busy = 0;
  #idle: (() => void)[] = [];

  constructor(server: Server, metrics: Metrics, forwarder: Forwarder) {
    this.#server = server;
    this.#metrics = metrics;
    this.#forwarder = forwarder;
  }
  handle(exchange: Exchange): void {
    this.#busy++;
    this.#serve(exchange)
      .catch((error: unknown) =>
        this.#server.registry.logger.error("answer failed", { target: exchange.target, error }),
      )
      .finally(() => {
        if (--this.#busy === 0) for (const resolve of this.#idle.splice(0)) resolve();
      });
  }
  /** Resolves once every request that has begun is answered. */
  drained(): Promise<void> {
    return this.#busy === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }
  async #serve(exchange: Exchange): Promise<void> {
    const call = newCall(new HttpIncoming(exchange), this.#server.registry);
    const kind = READS.has(exchange.method) ? "readOnly" : "mutating";
    this.#metrics.inflight[kind]++;
    let answer: Answer;
    try {
      answer = await run(call, this.#server);
    } finally {
      this.#metrics.inflight[kind]--;
    }
    const isWatch = answer.type === "watch";
    if (isWatch) this.#metrics.longRunning++;
    await this.#send(call, exchange, answer);
    if (isWatch) this.#metrics.longRunning--;
    this.#metrics.observe(call, codeOf(answer), (this.#server.registry.clock.now() - call.now) / 1000);
  }
  async #send(call: Call, exchange: Exchange, answer: Answer): Promise<void> {
    if (answer.type !== "forward") return respond(call, exchange, answer, this.#server.registry.clock);
    const failure = await this.#forwarder.pass(call, exchange, answer.target);
    if (failure) await respond(call, exchange, failure, this.#server.registry.clock);
  }
  /** A connection that is to become something other than HTTP: exec and its like, or a watch over a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    this.#upgrade(request, socket, head).catch((error: unknown) => {
      this.#server.registry.logger.error("upgrade failed", { target: request.url, error });
      socket.destroy();
    });
  }
  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const gone = new AbortController();
    socket.once("close", () => gone.abort());
    const exchange: Exchange = {
      method: request.method!,
      target: request.url!,
      requestHeaders: request.headers,
      socket: socket as TLSSocket,
      input: request,
      signal: gone.signal,
      send() {
        throw new Error("an upgraded connection is answered by hand");
      },
      begin() {
        throw new Error("an upgraded connection is answered by hand");
      },
    };
    const call = newCall(new HttpIncoming(exchange), this.#server.registry);
    let answer: Answer | undefined = await run(call, this.#server);
    if (answer.type === "forward" && call.info.subresource === "log") {
      return this.#send(call, logOverWebSocket(exchange, { request, socket, head }), answer);
    }
    if (answer.type === "forward") answer = this.#mayCreate(call) ?? answer;
    if (answer.type === "watch") return watchOverWebSocket(call, answer, { request, socket, head });
    if (answer.type === "forward") answer = await this.#forwarder.upgrade(request, socket, head, answer.target);
    if (answer) refuse(call, socket, answer);
  }
  /** exec by WebSocket is a GET, but what it does is a create (KEP-4006). */
  #mayCreate(call: Call): Answer | undefined {
    if (call.info.verb !== "get") return undefined;
    const access = { ...call.info, verb: "create", user: call.user };
    const decision = this.#server.authorizer.authorize(access);
    return decision.allowed ? undefined : { type: "status", status: refusal(access, decision).status };
  }
}

function codeOf(answer: Answer): number {
  if (answer.type === "object" || answer.type === "raw") return answer.code;
  return answer.type === "status" ? answer.status.code : 200;
}

function refuse(call: Call, socket: Duplex, answer: Answer): void {
  const status =
    answer.type === "status"
      ? answer.status
      : ({
          kind: "Status",
          apiVersion: "v1",
          metadata: {},
          status: "Failure",
          message: "upgrade is not possible here",
          reason: "BadRequest",
          code: 400,
        } as const);
  const { code, chunks } = encodeStatus(call, status, "application/json");
  const body = Buffer.concat(chunks);
  socket.end(
    `HTTP/1.1 ${code} ${status.reason ?? ""}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
