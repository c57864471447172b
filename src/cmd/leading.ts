import { hostname } from "node:os";
import { type Client, createClient, createLeaderElection, fencedTransport, type Transport } from "../client/index.ts";
import { FlagError, type FlagValues } from "./flags.ts";
import type { ProcessContext } from "./process.ts";

/** The field's flags of leader election. */
export const LEADER_FLAGS = {
  "leader-elect": {
    description: "whether to wait for the leadership; server: by default when it has no store of its own",
  },
  "leader-elect-lease-duration": { description: "how long a leadership lasts that is not renewed", default: "15s" },
  "leader-elect-renew-deadline": { description: "how long a leader tries to renew before it stops", default: "10s" },
  "leader-elect-retry-period": { description: "how often it is renewed or tried for", default: "2s" },
} as const;

export interface LeadingOptions {
  /** the Lease in kube-system */
  name: string;
  flags: FlagValues<typeof LEADER_FLAGS>;
  context: ProcessContext;
  /** as whom to elect */
  transport: Transport;
  /** where this candidate runs; the host's name when left out */
  place?: string;
  /** What only one living process can have, such as a port that it listens on: whoever led with it before is gone. */
  seat?: string;
}

/** A leader's writes go through this: the store does them only in its term. */
export type InTerm = (transport: Transport) => Transport;
/** Without an election every write is in term. */
export const ALWAYS: InTerm = (transport) => transport;

/** Runs `lead` whenever this process leads, until `signal` aborts. */
export function whileLeading(
  options: LeadingOptions,
  lead: (inTerm: InTerm, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { name, flags, context, transport, place = hostname(), seat } = options;
  const { clock, random } = context;
  const self = seat === undefined ? `${place}_` : `${place}_${seat}_`;
  const fenced = (fence: string): Client => createClient(fencedTransport(transport, fence, signal));
  const election = createLeaderElection({
    client: createClient(transport),
    fenced,
    clock,
    random,
    logger: context.logger.with({ part: name }),
    namespace: "kube-system",
    name,
    identity: `${self}${random.uuid()}`,
    predecessors: seat === undefined ? undefined : self,
    leaseDuration: milliseconds(flags, "leader-elect-lease-duration"),
    renewDeadline: milliseconds(flags, "leader-elect-renew-deadline"),
    retryPeriod: milliseconds(flags, "leader-elect-retry-period"),
  });
  return election.run((ends, fence) => lead((one) => fencedTransport(one, fence, ends), ends), signal);
}

function milliseconds(flags: FlagValues<typeof LEADER_FLAGS>, name: keyof typeof LEADER_FLAGS): number {
  const text = flags[name] ?? "";
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  if (!match) throw new FlagError(`--${name}: "${text}" is no duration, such as 15s`);
  return Number(match[1]) * { ms: 1, s: 1_000, m: 60_000 }[match[2] as "ms" | "s" | "m"];
}
