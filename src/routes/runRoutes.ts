import { Node } from "../api/core/v1/index.ts";
import { aborted, type Informers } from "../client/index.ts";
import type { Clock, Timer } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import * as kernel from "./kernel.ts";
import { blocksOf, isIPv4, type Peer, peersOf, planRoutes, sorted } from "./plan.ts";

export interface RoutesOptions {
  informers: Informers;
  clock: Clock;
  logger: Logger;
  nodeName: string;
  nodeIPs: readonly string[];
  /** addresses of all Pods, of either IP family */
  clusterCIDRs: readonly string[];
  /** the nftables table that hides Pods' addresses from outside the cluster */
  tableName: string;
  /** the tunnel's link */
  tunnelName: string;
  /** what the name of the iptables chain begins with that accepts Pods' packets where nothing else is forwarded */
  chainPrefix: string;
  /** further links whose packets are to pass, such as that of the machines of this host */
  acceptedLinks: readonly string[];
}

/** Nodes come in bursts when a cluster starts. */
const COALESCE = 20;
/** Somebody may take a route away, and links come and go. */
const LOOK_AGAIN = 15_000;

/** Keeps this node's routes to the others' Pods, until `signal` aborts. */
export async function runRoutes(options: RoutesOptions, signal: AbortSignal): Promise<void> {
  const { informers, clock } = options;
  const nodes = informers.informer(Node);
  const agent = new RouteAgent(options);
  // who does not know all nodes yet would take the routes to the others away
  await nodes.whenSynced(signal).catch(() => undefined);
  if (signal.aborted) return;
  let timer: Timer | undefined;
  const sync = async () => {
    const self = nodes.get({ name: options.nodeName });
    await agent.sync(peersOf(nodes.list(), options.nodeName), blocksOf(self));
    if (signal.aborted || soon) return;
    timer?.cancel();
    timer = clock.setTimer(LOOK_AGAIN, queue);
  };
  // one after the other
  let running = Promise.resolve();
  const queue = () => {
    running = running.then(sync);
  };
  let soon = false;
  const changed = () => {
    if (soon) return;
    soon = true;
    timer?.cancel();
    timer = clock.setTimer(COALESCE, () => {
      soon = false;
      queue();
    });
  };
  // there may be thousands of nodes, whose heartbeats change nothing here
  const share = (node: Node) => JSON.stringify(peersOf([node], ""));
  const appeared = (node: Node) => {
    if (share(node) !== "[]") changed();
  };
  const updated = (node: Node, old: Node) => {
    if (share(node) !== share(old)) changed();
  };
  const unsubscribe = nodes.subscribe({ added: appeared, updated, deleted: appeared });
  changed();
  await aborted(signal);
  unsubscribe();
  timer?.cancel();
  await running;
}

class RouteAgent {
  readonly #options: RoutesOptions;
  #masquerade = "";
  constructor(options: RoutesOptions) {
    this.#options = options;
  }

  async sync(peers: readonly Peer[], own: readonly string[]): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.#masquerading(own);
      await this.#accepting();
      await this.#routes(peers, own);
    } catch (error) {
      this.#masquerade = "";
      logger.warn("routes to other nodes could not be brought up to date; trying again", { error });
    }
  }

  async #masquerading(own: readonly string[]): Promise<void> {
    const { tableName, clusterCIDRs } = this.#options;
    const wanted = kernel.masqueradeRules(tableName, own, clusterCIDRs);
    if (wanted === "" || wanted === this.#masquerade) return;
    await kernel.applyMasquerade(wanted);
    this.#masquerade = wanted;
  }

  async #accepting(): Promise<void> {
    const { chainPrefix, clusterCIDRs, acceptedLinks, logger } = this.#options;
    const chain = `${chainPrefix}-ACCEPT`;
    if (await kernel.acceptForwarding({ chain, cidrs: clusterCIDRs, links: acceptedLinks }))
      logger.info("this host forwards nothing by itself: the cluster's packets are accepted now", { chain });
  }

  async #routes(peers: readonly Peer[], own: readonly string[]): Promise<void> {
    const { tunnelName: name, nodeIPs, clusterCIDRs } = this.#options;
    const plan = planRoutes(peers, await kernel.foreignRoutes());
    const { ipv4: local } = sorted(nodeIPs);
    const clusterCIDR = clusterCIDRs.find(isIPv4);
    const hasTunnel = own.length > 0 && local !== undefined && clusterCIDR !== undefined;
    // also where we need none to send: who is a neighbour to us may see a router between
    if (peers.length === 0) await kernel.removeTunnel(name);
    else if (hasTunnel) await kernel.ensureTunnel({ name, local, clusterCIDR, blocks: own });
    await kernel.applyRoutes(hasTunnel ? plan : { ...plan, tunnel: [] }, name);
    const wanted = new Set(peers.flatMap((peer) => peer.blocks));
    const routed = await kernel.routedBlocks(clusterCIDRs);
    await kernel.deleteRoutes(routed.filter((it) => !wanted.has(it)));
  }
}
