import type { Client } from "../client/client.ts";
import type { Informers } from "../client/informer.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";
import { informedView } from "./clusterView.ts";
import { Forwarder } from "./forward.ts";
import { keepRegistered } from "./registration.ts";
import { serveDns } from "./server.ts";

export interface DnsOptions {
  client: Client;
  informers: Informers;
  clock: Clock;
  random: Random;
  logger: Logger;
  nodeName: string;
  /** the address to answer on, and to be reached at */
  nodeIP: string;
  port: number;
  /** such as "cluster.local" */
  clusterDomain: string;
  /** names the servers to which every other question is handed */
  upstreamResolvConf: string;
}

/** The cluster's DNS on one node, until `signal` aborts. */
export async function runDns(options: DnsOptions, signal: AbortSignal): Promise<void> {
  const { informers, nodeIP, port, clusterDomain } = options;
  const view = informedView(informers);
  try {
    await view.whenSynced(signal);
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  const forwarder = new Forwarder({ ...options, resolvConf: options.upstreamResolvConf, own: new Set([nodeIP]) });
  const serving = serveDns(
    {
      ...options,
      address: nodeIP,
      port,
      view,
      domain: clusterDomain.toLowerCase().replace(/\.$/, ""),
      forward: (query, overTcp) => forwarder.ask(query, overTcp, signal),
    },
    signal,
  );
  await Promise.all([serving, keepRegistered(options, signal)]);
}
