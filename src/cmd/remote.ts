import {
  type Client,
  type ClientCredentials,
  type ClusterAccess,
  createClient,
  createInformers,
  httpsTransport,
  type Informers,
  loadKubeconfig,
  type Transport,
} from "../client/index.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";
import type { FlagValues } from "./flags.ts";
import { ALWAYS, type InTerm, type LEADER_FLAGS, whileLeading } from "./leading.ts";
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
  transport: Transport;
}

/** Connects to the API server of a kubeconfig, or as whom `credentials` says; what every part of a cluster starts with. */
export async function connect(
  kubeconfig: string,
  part: string,
  context: ProcessContext,
  { credentials, inTerm = ALWAYS }: { credentials?: ClientCredentials; inTerm?: InTerm } = {},
): Promise<Connected> {
  const { clock, random } = context;
  const logger = context.logger.with({ part });
  const access = await loadKubeconfig(kubeconfig);
  const transport = inTerm(httpsTransport({ ...access, credentials, clock, userAgent: `coxswain-${part}` }));
  const client = createClient(transport);
  const informers = createInformers(client, { clock, random, logger });
  return { client, informers, clock, random, logger, access, transport };
}

/** Runs a part while this process leads, connected anew in each term; with --leader-elect=false at once, and always. */
export async function runElected(
  options: {
    part: string;
    /** the Lease in kube-system */
    lease: string;
    flags: FlagValues<typeof LEADER_FLAGS & typeof KUBECONFIG_FLAG>;
    context: ProcessContext;
  },
  run: (connected: Connected, inTerm: InTerm, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { part, lease, flags, context } = options;
  const lead = async (inTerm: InTerm, signal: AbortSignal) =>
    run(await connect(flags.kubeconfig, part, context, { inTerm }), inTerm, signal);
  if (flags["leader-elect"] === "false") return lead(ALWAYS, context.signal);
  const transport = httpsTransport({ ...(await loadKubeconfig(flags.kubeconfig)), clock: context.clock });
  await whileLeading({ name: lease, flags, context, transport }, lead, context.signal);
}
