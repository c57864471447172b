import type { Node } from "../api/core/v1/index.ts";
import { addressToNumber, parseRange, rangeHas } from "../api/networking/v1/index.ts";

/** What this node needs to know of another one. */
export interface Peer {
  name: string;
  /** at most one of each IP family; IPv4 is what tunnels are made of */
  addresses: Addresses;
  /** blocks of Pod addresses, of either family */
  blocks: readonly string[];
}

export interface Addresses {
  ipv4?: string;
  ipv6?: string;
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
  /** the other node's own IPv4 address */
  endpoint: string;
}
export interface RoutePlan {
  direct: readonly DirectRoute[];
  tunnel: readonly TunnelRoute[];
}

/** A line of the kernel's main tables, as iproute2 has it in JSON. */
export interface KernelRoute {
  /** "0.0.0.0/0", "10.1.0.0/16", "10.1.0.1" or "fd00::/64" */
  dst: string;
  dev?: string;
  gateway?: string;
  metric?: number;
}

/** The way of the longest prefix, which is how the kernel decides. */
export function lookUp(address: string, routes: readonly KernelRoute[]): Reach | undefined {
  let best: { route: KernelRoute; bits: number } | undefined;
  for (const route of routes) {
    const range = parseRange(route.dst.includes("/") ? route.dst : `${route.dst}/${isIPv4(route.dst) ? 32 : 128}`);
    if (!route.dev || !range || !rangeHas(range, address)) continue;
    const { bits } = range;
    const isBetter =
      !best || bits > best.bits || (bits === best.bits && (route.metric ?? 0) < (best.route.metric ?? 0));
    if (isBetter) best = { route, bits };
  }
  if (!best) return undefined;
  const { dev: device = "", gateway } = best.route;
  return gateway ? { device, gateway } : { device };
}

/** The first address of each family and the blocks of each node that has both; this node is left out. */
export function peersOf(nodes: readonly Node[], self: string): Peer[] {
  return nodes
    .filter((node) => node.metadata.name !== self && !pretends(node))
    .map((node) => ({ name: node.metadata.name ?? "", addresses: addressesOf(node), blocks: blocksOf(node) }))
    .filter(({ addresses, blocks }) => (addresses.ipv4 || addresses.ipv6) && blocks.length > 0)
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** A simulated node runs nothing that could be reached. */
const pretends = (node: Node) => node.metadata.annotations?.["simulation.coxswain.dev/node"] === "true";

export function blocksOf(node: Node | undefined): string[] {
  const { podCIDRs, podCIDR } = node?.spec ?? {};
  return podCIDRs?.length ? podCIDRs : podCIDR ? [podCIDR] : [];
}

function addressesOf(node: Node): Addresses {
  const internal = (node.status?.addresses ?? []).filter(({ type }) => type === "InternalIP");
  return sorted(internal.map(({ address }) => address));
}

/** The first address of each family. */
export function sorted(addresses: readonly string[]): Addresses {
  const ipv4 = addresses.find(isIPv4);
  const ipv6 = addresses.find((address) => !isIPv4(address));
  return { ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) };
}

export const isIPv4 = (address: string) => !address.includes(":");

/**
 * A neighbour is routed to; who is behind a router, or has no address of the block's family, is tunnelled to. One that
 * cannot be reached now has to wait.
 */
export function planRoutes(peers: readonly Peer[], routes: readonly KernelRoute[]): RoutePlan {
  const direct: DirectRoute[] = [];
  const tunnel: TunnelRoute[] = [];
  for (const { addresses, blocks } of peers) {
    for (const block of blocks) {
      const via = isIPv4(block) ? addresses.ipv4 : addresses.ipv6;
      const way = via && lookUp(via, routes);
      const { ipv4: endpoint } = addresses;
      if (way && way.gateway === undefined) direct.push({ block, via, device: way.device });
      else if (endpoint && lookUp(endpoint, routes))
        tunnel.push({ block, via: firstAddress(block), linkAddress: linkAddress(endpoint), endpoint });
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

/** Tells the tunnels of clusters on one wire apart: the first three bytes of the cluster's IPv4 Pod range. */
export function networkIdentifier(clusterCIDR: string): number {
  return Number(addressToNumber(firstAddress(clusterCIDR)) >> 8n);
}
