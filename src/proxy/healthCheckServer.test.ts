import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { realClock } from "../util/clock.ts";
import { silentLogger } from "../util/logger.ts";
import { HealthCheckServers } from "./healthCheckServer.ts";

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address ? address.port : 0;
}

/** Asks until the port answers, or no longer does. */
async function answer(port: number, open = true): Promise<{ status: number; body: unknown } | undefined> {
  for (;;) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/healthz`, { headers: { connection: "close" } });
      const body = await response.json();
      if (open) return { status: response.status, body };
    } catch (error) {
      if (!open) return undefined;
      if (!(error instanceof TypeError)) throw error;
    }
    await realClock.sleep(5);
  }
}

test("a health check says whether this node has endpoints, and its port closes with the service", async () => {
  const servers = new HealthCheckServers(silentLogger);
  const port = await freePort();
  const check = { port, namespace: "default", name: "web" };
  servers.sync([{ ...check, localEndpoints: 2 }]);
  const service = { namespace: "default", name: "web" };
  assert.deepEqual(await answer(port), {
    status: 200,
    body: { service, localEndpoints: 2, serviceProxyHealthy: true },
  });
  servers.sync([{ ...check, localEndpoints: 0 }]);
  assert.equal((await answer(port))?.status, 503);
  servers.sync([]);
  assert.equal(await answer(port, false), undefined);
});
