import type { TestContext } from "node:test";
import { servedKinds } from "../api/index.ts";
import type { Kind } from "../apimachinery/kind.ts";
import type { Client } from "../client/client.ts";
import { createClient } from "../client/createClient.ts";
import type { TransportRequest } from "../client/transport.ts";
import type { Backend } from "../store/backend.ts";
import { createMemoryBackend } from "../store/memory.ts";
import { VirtualClock } from "../util/clock.ts";
import { silentLogger } from "../util/logger.ts";
import { seededRandom } from "../util/random.ts";
import { type ApiServer, createApiServer } from "./index.ts";
import type { ReadNode } from "./measurements/measurements.ts";
import type { User } from "./pipeline/call.ts";

export const ADMIN: User = { name: "admin", groups: ["system:masters"] };

/** An API server in this process whose time stands still, for tests. */
export interface TestServer {
  readonly server: ApiServer;
  readonly clock: VirtualClock;
  readonly backend: Backend;
  readonly client: Client;
  as(user: User): Client;
  /** any request, as the administrator */
  ask(request: TransportRequest): Promise<unknown>;
  /** Lets time pass, with everything that happens on the way. */
  advance(ms: number): Promise<void>;
}

/** Lets everything run that waits for nothing but the event loop. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

export async function testServer(
  t: TestContext,
  options: { kinds?: readonly Kind[]; readNode?: ReadNode } = {},
): Promise<TestServer> {
  const clock = new VirtualClock();
  const backend = createMemoryBackend();
  const server = await createApiServer({
    backend,
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    kinds: options.kinds ?? servedKinds,
    readNode: options.readNode,
    serviceCIDR: "10.96.0.0/24",
    nodePortRange: "30000-30015",
    advertiseAddress: "192.0.2.1",
  });
  t.after(async () => {
    await server.close();
    await backend.close();
  });
  const as = (user: User) => createClient(server.directTransport(user));
  const admin = server.directTransport(ADMIN);
  return {
    server,
    clock,
    backend,
    client: as(ADMIN),
    as,
    ask: (request) => admin.request(request),
    async advance(ms) {
      const until = clock.now() + ms;
      while (clock.step(until)) await settle();
      await settle();
    },
  };
}
