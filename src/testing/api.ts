import { servedKinds } from "../api/index.ts";
import { createApiServer, type ReadNode } from "../apiserver/index.ts";
import type { Transport } from "../client/index.ts";
import { createMemoryBackend } from "../store/index.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";

/** A user's transport into an API server, and how to end that. */
export interface Api {
  transport(user: { name: string; groups: readonly string[] }): Transport;
  close(): Promise<void>;
}

/** They run beside the API server in one process, and end with it. */
const PARTS = ["kube-controller-manager", "kube-scheduler"];

/** An API server that keeps everything in memory and is called directly: nothing is encoded, nothing listens. */
export async function startApi(options: {
  clock: Clock;
  random: Random;
  logger: Logger;
  readNode: ReadNode;
}): Promise<Api> {
  const backend = createMemoryBackend();
  const network = { serviceCIDR: "10.96.0.0/16", advertiseAddress: "192.0.2.1" };
  const server = await createApiServer({
    ...options,
    ...network,
    backend,
    firstWindow: 0,
    kinds: servedKinds,
    parts: PARTS,
  });
  return {
    transport: (user) => server.directTransport(user),
    async close() {
      await server.close();
      await backend.close();
    },
  };
}
