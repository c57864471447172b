import type { Service } from "../api/core/v1/index.ts";
import type { Endpoint, EndpointSlice } from "../api/discovery/v1/index.ts";

export type Family = "ip" | "ip6";
export type Protocol = "tcp" | "udp" | "sctp";

/** What the rules depend on besides Services and EndpointSlices. */
export interface NodeInfo {
  name: string;
  /** topology.kubernetes.io/zone */
  zone?: string;
  /** addresses of all Pods; traffic from elsewhere to a cluster IP is masqueraded */
  clusterCIDRs: readonly string[];
  /** addresses of this node's Pods */
  podCIDRs: readonly string[];
  /** whether bridged packets pass the IP hooks, so that answers between Pods of one bridge find their way back */
  bridgeFiltered: boolean;
  /**
   * Names of the nodes whose answers to anywhere come back through this one, itself included. Load balancers' addresses
   * lead here then, and may be answered by Pods of all these nodes under the client's own address.
   */
  gatewayOf?: readonly string[];
}

export interface Target {
  readonly ip: string;
  readonly port: number;
}

/** The endpoints of one service port, as traffic may use them. */
export interface Targets {
  /** for traffic that may go anywhere */
  cluster: readonly Target[];
  /** for traffic that must stay on this node */
  local: readonly Target[];
  /** for a load balancer's traffic that must keep its source address; undefined where this node is nobody's gateway */
  balanced?: readonly Target[];
  /** those whose existing flows go on: ready ones, and terminating ones that still serve */
  serving: ReadonlySet<string>;
  /** every endpoint there is, fit for traffic or not */
  known: ReadonlySet<string>;
}

type ServicePort = NonNullable<NonNullable<Service["spec"]>["ports"]>[number];

interface Candidate extends Target {
  readonly endpoint: Endpoint;
}

const isReady = ({ conditions }: Endpoint) => conditions?.ready !== false;
const isTerminating = ({ conditions }: Endpoint) => conditions?.terminating === true;
const isServing = (endpoint: Endpoint) => endpoint.conditions?.serving ?? isReady(endpoint);

const byAddress = (a: Target, b: Target) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port);

/** Chooses where traffic for a port goes: KEP-1669 for terminating endpoints, KEP-2433 and KEP-4444 for hints. */
export function chooseTargets(
  port: ServicePort,
  slices: readonly EndpointSlice[],
  family: Family,
  node: NodeInfo,
): Targets {
  const all = candidates(port, slices, family);
  const on = (names: readonly string[]) => all.filter(({ endpoint }) => names.includes(endpoint.nodeName ?? ""));
  return {
    cluster: targets(usable(nearest(all, node))),
    local: targets(usable(on([node.name]))),
    ...(node.gatewayOf && { balanced: targets(usable(on(node.gatewayOf))) }),
    serving: new Set(all.filter(({ endpoint }) => isReady(endpoint) || isServing(endpoint)).map(({ ip }) => ip)),
    known: new Set(all.map(({ ip }) => ip)),
  };
}

const targets = (all: readonly Candidate[]): Target[] => all.map(({ ip, port }) => ({ ip, port }));

function candidates(port: ServicePort, slices: readonly EndpointSlice[], family: Family): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const slice of slices) {
    if (slice.addressType !== (family === "ip" ? "IPv4" : "IPv6")) continue;
    const match = slice.ports?.find(
      ({ name, protocol }) => (name ?? "") === (port.name ?? "") && (protocol ?? "TCP") === (port.protocol ?? "TCP"),
    );
    if (!match?.port) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const ip = endpoint.addresses?.[0];
      if (!ip) continue;
      const key = `${ip} ${match.port}`;
      // While an endpoint moves between slices it may stand in two; the one that can be used counts.
      if (!found.has(key) || isReady(endpoint)) found.set(key, { ip, port: match.port, endpoint });
    }
  }
  return [...found.values()].sort(byAddress);
}

/** Ready ones; when there is none, terminating ones that still serve, rather than nobody. */
function usable(all: readonly Candidate[]): readonly Candidate[] {
  const ready = all.filter(({ endpoint }) => isReady(endpoint));
  if (ready.length > 0) return ready;
  return all.filter(({ endpoint }) => isServing(endpoint) && isTerminating(endpoint));
}

/** Those meant for this node, or for its zone, if every ready endpoint says whom it is for and one says so. */
function nearest(all: readonly Candidate[], node: NodeInfo): readonly Candidate[] {
  const ready = all.filter(({ endpoint }) => isReady(endpoint));
  for (const [hints, mine] of [
    ["forNodes", node.name],
    ["forZones", node.zone],
  ] as const) {
    if (mine === undefined || !ready.every(({ endpoint }) => endpoint.hints?.[hints]?.length)) continue;
    const near = all.filter(({ endpoint }) => endpoint.hints?.[hints]?.some(({ name }) => name === mine));
    if (near.some(({ endpoint }) => isReady(endpoint))) return near;
  }
  return all;
}
