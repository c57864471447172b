import { createServer, type Server } from "node:http";
import type { Logger } from "../util/logger.ts";

/** One Service of type LoadBalancer with externalTrafficPolicy Local. */
export interface HealthCheck {
  port: number;
  namespace: string;
  name: string;
  localEndpoints: number;
}

/** Tells load balancers on healthCheckNodePort whether this node has endpoints of a service: 200 or 503. */
export class HealthCheckServers {
  readonly #logger: Logger;
  readonly #servers = new Map<number, { server: Server; check: HealthCheck }>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Opens, closes and updates servers so that there is one for each check. */
  sync(checks: readonly HealthCheck[]): void {
    const wanted = new Map(checks.map((check) => [check.port, check]));
    for (const [port, { server }] of this.#servers) {
      if (wanted.has(port)) continue;
      server.close();
      server.closeAllConnections();
      this.#servers.delete(port);
    }
    for (const check of wanted.values()) {
      const known = this.#servers.get(check.port);
      if (known) known.check = check;
      else this.#open(check);
    }
  }

  close(): void {
    this.sync([]);
  }

  #open(check: HealthCheck): void {
    const entry = {
      check,
      server: createServer((_, response) => {
        const { namespace, name, localEndpoints } = entry.check;
        response.writeHead(localEndpoints > 0 ? 200 : 503, {
          "content-type": "application/json",
          "x-content-type-options": "nosniff",
          "x-load-balancing-endpoint-weight": String(localEndpoints),
        });
        response.end(JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy: true }));
      }),
    };
    entry.server.on("error", (error) => this.#logger.error("cannot serve a health check", { port: check.port, error }));
    entry.server.listen(check.port);
    this.#servers.set(check.port, entry);
  }
}
