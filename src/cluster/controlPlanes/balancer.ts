import { connect, createServer, type Server, type Socket } from "node:net";
import type { Clock, Timer } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";

export interface Backend {
  readonly host: string;
  readonly port: number;
}

export interface BalancerOptions {
  readonly backends: readonly Backend[];
  /** Whether a server is ready; false or a failure: not. Must end when the signal aborts. */
  check(backend: Backend, signal: AbortSignal): Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const CHECK_EVERY = 1_000;
const CHECK_WITHIN = 1_250;
/** So many failures in a row, and a server is no longer ready: one may be a moment of hard work. */
const FAILURES = 2;
const CONNECT_WITHIN = 1_500;

/** A server, as the balancer knows it. */
class Target {
  readonly backend: Backend;
  readonly connections = new Set<Socket>();
  /** until it has been asked, it is taken to be ready */
  failures = 0;
  constructor(backend: Backend) {
    this.backend = backend;
  }
  get ready(): boolean {
    return this.failures < FAILURES;
  }
  get name(): string {
    return `${this.backend.host}:${this.backend.port}`;
  }
  cut(): void {
    for (const socket of this.connections) socket.destroy();
  }
}

/**
 * One address for several servers: each connection goes to the ready server with the fewest. When a server stops being
 * ready, its connections are cut, so that clients come back and find another, unless no other is ready either.
 */
export class Balancer {
  readonly #options: BalancerOptions;
  readonly #targets: readonly Target[];
  readonly #server: Server;
  #timers = new Set<Timer>();
  #closed = false;

  constructor(options: BalancerOptions) {
    this.#options = options;
    this.#targets = options.backends.map((backend) => new Target(backend));
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void this.#serve(socket));
  }
  listen(address: string, port: number): Promise<number> {
    for (const target of this.#targets) void this.#watch(target);
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, address, () => resolve((this.#server.address() as { port: number }).port));
    });
  }
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const target of this.#targets) target.cut();
    await closed;
  }

  async #watch(target: Target): Promise<void> {
    const { clock, check } = this.#options;
    const over = new AbortController();
    const timer = clock.setTimer(CHECK_WITHIN, () => over.abort(new Error("no answer in time")));
    const ready = await check(target.backend, over.signal).catch(() => false);
    timer.cancel();
    if (this.#closed) return;
    this.#note(target, ready);
    // One that failed is asked again at once: clients wait for the answer.
    const isDoubtful = target.ready && target.failures > 0;
    const next: Timer = clock.setTimer(isDoubtful ? 0 : CHECK_EVERY, () => {
      this.#timers.delete(next);
      void this.#watch(target);
    });
    this.#timers.add(next);
  }
  #note(target: Target, ready: boolean): void {
    const was = target.ready;
    target.failures = ready ? 0 : target.failures + 1;
    if (was !== target.ready) {
      this.#options.logger.info(target.ready ? "server is ready" : "server is not ready", { server: target.name });
    }
    if (!target.ready && this.#targets.some((other) => other.failures === 0)) target.cut();
  }

  /** Those that have not failed lately first, those with fewer connections before others. */
  #order(): Target[] {
    const rank = ({ failures, connections }: Target) => Math.min(failures, FAILURES) * 1e9 + connections.size;
    return [...this.#targets].sort((a, b) => rank(a) - rank(b));
  }

  async #serve(client: Socket): Promise<void> {
    client.on("error", () => client.destroy());
    for (const target of this.#order()) {
      const server = await this.#connect(target);
      if (client.destroyed) {
        server?.destroy();
        return;
      }
      if (server) return join(client, server, target);
    }
    client.destroy();
  }
  #connect(target: Target): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const socket = connect({ ...target.backend, allowHalfOpen: true, noDelay: true });
      const timer = this.#options.clock.setTimer(CONNECT_WITHIN, () => socket.destroy());
      socket.once("connect", () => {
        timer.cancel();
        resolve(socket);
      });
      socket.on("error", () => socket.destroy());
      socket.once("close", () => {
        timer.cancel();
        resolve(undefined);
      });
    });
  }
}

/** Bytes both ways until either end is gone. */
function join(client: Socket, server: Socket, target: Target): void {
  target.connections.add(server);
  server.once("close", () => {
    target.connections.delete(server);
    client.destroy();
  });
  client.once("close", () => server.destroy());
  client.pipe(server);
  server.pipe(client);
}
