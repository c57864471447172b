import {
  type Client,
  type ClusterAccess,
  createClient,
  createInformers,
  httpsTransport,
  type Informers,
  loadKubeconfig,
} from "../client/index.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";
import type { ProcessContext } from "./process.ts";

export const KUBECONFIG_FLAG = {
  kubeconfig: { description: "how to reach the API server, and as whom", required: true },
} as const;

export interface Connected {
  client: Client;
  informers: Informers;
  clock: Clock;
  random: Random;
  logger: Logger;
  access: ClusterAccess;
}

/** Connects to the API server of a kubeconfig; what every part of a cluster starts with. */
export async function connect(kubeconfig: string, part: string, context: ProcessContext): Promise<Connected> {
  const { clock, random } = context;
  const logger = context.logger.with({ part });
  const access = await loadKubeconfig(kubeconfig);
  const client = createClient(httpsTransport({ ...access, clock, userAgent: `coxswain-${part}` }));
  return { client, informers: createInformers(client, { clock, random, logger }), clock, random, logger, access };
}
