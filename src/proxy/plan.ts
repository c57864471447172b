import { createHash } from "node:crypto";
import type { Service } from "../api/core/v1/index.ts";
import type { EndpointSlice } from "../api/discovery/v1/index.ts";
import { chooseTargets, type Family, type NodeInfo, type Protocol, type Targets } from "./endpoints.ts";

/** What is to become of traffic for one Service port, in one address family; the kernel's tables are made from this. */
export interface PortPlan {
  /** unique, and readable: a digest, then namespace/name/port */
  readonly id: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** 0: none */
  readonly nodePort: number;
  readonly clusterIPs: readonly string[];
  readonly externalIPs: readonly string[];
  /** of load balancers that deliver packets with their own address as destination */
  readonly balancerIPs: readonly string[];
  /** whom the load balancers' addresses are for; undefined: everyone */
  readonly sourceRanges: readonly string[] | undefined;
  readonly targets: Targets;
  /** traffic from within stays on this node */
  readonly internalLocal: boolean;
  /** traffic from outside stays on this node, and keeps its source address */
  readonly externalLocal: boolean;
  /** how long a client stays with its endpoint */
  readonly affinitySeconds: number | undefined;
}

export type ServicePlan = readonly PortPlan[];

/** Where UDP flows of a service enter, and whom they may go on with; conntrack remembers them beyond a change of rules. */
export interface UdpEntry {
  /** undefined: a node port, reached by any local address */
  readonly ip?: string;
  readonly port: number;
  readonly serving: ReadonlySet<string>;
}

const DEFAULT_AFFINITY_SECONDS = 10_800;

type ServiceSpec = NonNullable<Service["spec"]>;
type ServicePort = NonNullable<ServiceSpec["ports"]>[number];

export const familyOf = (ip: string): Family => (ip.includes(":") ? "ip6" : "ip");
export const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);
const isSet = <T>(value: T | undefined | null | ""): value is T => Boolean(value) && value !== "None";

export function planService(
  service: Service,
  slices: readonly EndpointSlice[],
  family: Family,
  node: NodeInfo,
): ServicePlan {
  const { spec } = service;
  if (!isProxied(service)) return [];
  const mine = (ips: readonly string[]) => ips.filter((ip) => isSet(ip) && familyOf(ip) === family);
  const clusterIPs = mine(spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP ?? ""]);
  if (clusterIPs.length === 0) return [];
  const ingress = (service.status?.loadBalancer?.ingress ?? []).filter(({ ipMode }) => ipMode !== "Proxy");
  const ranges = (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim());
  const common = {
    clusterIPs,
    externalIPs: mine(spec.externalIPs ?? []),
    balancerIPs: mine(ingress.map(({ ip }) => ip ?? "")),
    sourceRanges: ranges.length > 0 ? ranges.filter((range) => familyOf(range) === family) : undefined,
    internalLocal: spec.internalTrafficPolicy === "Local",
    externalLocal: spec.externalTrafficPolicy === "Local",
    affinitySeconds: affinityOf(spec),
  };
  return (spec.ports ?? []).map((port) => ({
    ...common,
    id: portId(service, port),
    protocol: (port.protocol ?? "TCP").toLowerCase() as Protocol,
    port: port.port,
    nodePort: port.nodePort ?? 0,
    targets: chooseTargets(port, slices, family, node),
  }));
}

/** Headless Services and aliases have no address, and some are left to another proxy. */
function isProxied(service: Service): boolean {
  if (service.spec.type === "ExternalName" || !isSet(service.spec.clusterIP)) return false;
  return service.metadata.labels?.["service.kubernetes.io/service-proxy-name"] === undefined;
}

/** Unique by its digest, readable by the rest; nft takes names of up to 128 characters. */
function portId({ metadata }: Service, { name, protocol, port }: ServicePort): string {
  const full = `${metadata.namespace}/${metadata.name}/${name || `${(protocol ?? "TCP").toLowerCase()}-${port}`}`;
  return `${digest(`${full} ${protocol}`)}-${full}`.slice(0, 90).replace(/[^\w./-]/g, "_");
}

function affinityOf(spec: ServiceSpec): number | undefined {
  if (spec.sessionAffinity !== "ClientIP") return undefined;
  return spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS;
}

/** Whether anything outside the cluster's own addresses leads here. */
export const isOpen = ({ externalIPs, balancerIPs, nodePort }: PortPlan): boolean =>
  externalIPs.length + balancerIPs.length + nodePort > 0;

export function udpEntries(plan: ServicePlan): UdpEntry[] {
  return plan
    .filter(({ protocol }) => protocol === "udp")
    .flatMap(({ clusterIPs, externalIPs, balancerIPs, port, nodePort, targets: { serving } }) => [
      ...[...clusterIPs, ...externalIPs].map((ip) => ({ ip, port, serving })),
      ...(nodePort > 0 ? [{ port: nodePort, serving }] : []),
      ...balancerIPs.map((ip) => ({ ip, port, serving })),
    ]);
}
