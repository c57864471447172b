import type { Node } from "../api/core/v1/index.ts";

/** What this node needs to know of another one. */
export interface Peer {
  name: string;
  address: string;
  /** blocks of Pod addresses */
  blocks: readonly string[];
}

/** How the kernel reaches an address now. */
export interface Reach {
  /** the link the packet leaves by */
  device: string;
  /** the router between, when the address is no neighbour */
  gateway?: string;
}

export interface DirectRoute {
  block: string;
  via: string;
  device: string;
}
export interface TunnelRoute {
  block: string;
  /** the other end's address inside the tunnel: the first of its block, which no Pod gets */
  via: string;
  linkAddress: string;
  /** the other node's own address */
  endpoint: string;
}
export interface RoutePlan {
  direct: readonly DirectRoute[];
  tunnel: readonly TunnelRoute[];
}

/** A line of the kernel's main table, as iproute2 has it in JSON. */
export interface KernelRoute {
  /** "default", "10.1.0.0/16" or "10.1.0.1" */
  dst: string;
  dev?: string;
  gateway?: string;
  metric?: number;
}

/** The way of the longest prefix, which is how the kernel decides. */
export function lookUp(address: string, routes: readonly KernelRoute[]): Reach | undefined {
  const wanted = toNumber(address);
  let best: { route: KernelRoute; length: number } | undefined;
  for (const route of routes) {
    const [prefix, bits = "32"] = (route.dst === "default" ? "0.0.0.0/0" : route.dst).split("/");
    const length = Number(bits);
    const size = 2 ** (32 - length);
    if (!route.dev || Math.floor(wanted / size) !== Math.floor(toNumber(prefix!) / size)) continue;
    const isBetter =
      !best || length > best.length || (length === best.length && (route.metric ?? 0) < (best.route.metric ?? 0));
    if (isBetter) best = { route, length };
  }
  if (!best) return undefined;
  const { dev: device = "", gateway } = best.route;
  return gateway ? { device, gateway } : { device };
}

const toNumber = (address: string) => address.split(".").reduce((number, part) => number * 256 + Number(part), 0);

/** The first IPv4 address of a kind, and the IPv4 blocks, of each node that has both; this node is left out. */
export function peersOf(nodes: readonly Node[], self: string): Peer[] {
  return nodes
    .filter((node) => node.metadata.name !== self && !pretends(node))
    .map((node) => ({ name: node.metadata.name ?? "", address: addressOf(node), blocks: blocksOf(node) }))
    .filter((peer) => peer.address !== "" && peer.blocks.length > 0)
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** A simulated node runs nothing that could be reached. */
const pretends = (node: Node) => node.metadata.annotations?.["simulation.coxswain.dev/node"] === "true";

export function blocksOf(node: Node | undefined): string[] {
  const { podCIDRs, podCIDR } = node?.spec ?? {};
  return (podCIDRs?.length ? podCIDRs : podCIDR ? [podCIDR] : []).filter(isIPv4);
}

function addressOf(node: Node): string {
  const internal = (node.status?.addresses ?? []).filter(({ type }) => type === "InternalIP");
  return internal.find(({ address }) => isIPv4(address))?.address ?? "";
}

const isIPv4 = (address: string) => !address.includes(":");

/** A neighbour is routed to; who is behind a router is tunnelled to. One that cannot be reached now has to wait. */
export function planRoutes(peers: readonly Peer[], routes: readonly KernelRoute[]): RoutePlan {
  const direct: DirectRoute[] = [];
  const tunnel: TunnelRoute[] = [];
  for (const { address, blocks } of peers) {
    const way = lookUp(address, routes);
    if (!way) continue;
    for (const block of blocks) {
      if (way.gateway === undefined) direct.push({ block, via: address, device: way.device });
      else tunnel.push({ block, via: firstAddress(block), linkAddress: linkAddress(address), endpoint: address });
    }
  }
  return { direct, tunnel };
}

export const firstAddress = (block: string) => block.slice(0, block.indexOf("/"));

/** The Ethernet address of a node's end of the tunnel, which follows from the node's IPv4 address. */
export function linkAddress(nodeAddress: string): string {
  const bytes = nodeAddress.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return ["0e", "c0", ...bytes].join(":");
}

/** Tells the tunnels of clusters on one wire apart: the first three bytes of the cluster's Pod range. */
export function networkIdentifier(clusterCIDR: string): number {
  return firstAddress(clusterCIDR)
    .split(".")
    .slice(0, 3)
    .reduce((id, part) => id * 256 + Number(part), 0);
}
