import { createHash } from "node:crypto";
import type { Service } from "../api/core/v1/index.ts";
import type { EndpointSlice } from "../api/discovery/v1/index.ts";
import { chooseTargets, type Family, type NodeInfo, type Protocol, type Target, type Targets } from "./endpoints.ts";

/** Where UDP flows of a service enter, and whom they may go on with; conntrack remembers them beyond a change of rules. */
export interface UdpEntry {
  /** undefined: a node port, reached by any local address */
  readonly ip?: string;
  readonly port: number;
  readonly serving: ReadonlySet<string>;
}

/** The share of one service in a table. Rules are nft's own text. */
export interface ServiceRules {
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** sets of clients that stay with one endpoint, each with its timeout in seconds */
  readonly affinitySets: ReadonlyMap<string, number>;
  /** "10.96.0.10 . udp . 53" → chain */
  readonly addresses: ReadonlyMap<string, string>;
  /** "tcp . 30080" → chain */
  readonly nodePorts: ReadonlyMap<string, string>;
  /** addresses at which nothing but the ports above is to answer */
  readonly clusterIPs: ReadonlySet<string>;
  /** endpoints that may meet themselves when they call their own service */
  readonly endpointIPs: ReadonlySet<string>;
  readonly udp: readonly UdpEntry[];
}

export const MASQUERADE_CHAIN = "mark-masquerade";
const DEFAULT_AFFINITY_SECONDS = 10_800;

type ServiceSpec = NonNullable<Service["spec"]>;
type ServicePort = NonNullable<ServiceSpec["ports"]>[number];

export const familyOf = (ip: string): Family => (ip.includes(":") ? "ip6" : "ip");
const isSet = <T>(value: T | undefined | null | ""): value is T => Boolean(value) && value !== "None";

/** The rules that carry traffic for one Service to its endpoints, in one address family. */
export function serviceRules(
  service: Service,
  slices: readonly EndpointSlice[],
  family: Family,
  node: NodeInfo,
): ServiceRules {
  const rules = new Builder(family, node);
  if (isProxied(service)) for (const port of service.spec.ports ?? []) rules.addPort(service, port, slices);
  return rules;
}

/** Headless Services and aliases have no address, and some are left to another proxy. */
function isProxied(service: Service): boolean {
  if (service.spec.type === "ExternalName" || !isSet(service.spec.clusterIP)) return false;
  return service.metadata.labels?.["service.kubernetes.io/service-proxy-name"] === undefined;
}

/** One service port with what its rules need to know. */
interface Port {
  readonly id: string;
  readonly protocol: Protocol;
  readonly targets: Targets;
  readonly affinitySeconds: number | undefined;
}

class Builder implements ServiceRules {
  readonly chains = new Map<string, readonly string[]>();
  readonly affinitySets = new Map<string, number>();
  readonly addresses = new Map<string, string>();
  readonly nodePorts = new Map<string, string>();
  readonly clusterIPs = new Set<string>();
  readonly endpointIPs = new Set<string>();
  readonly udp: UdpEntry[] = [];
  readonly #family: Family;
  readonly #node: NodeInfo;

  constructor(family: Family, node: NodeInfo) {
    this.#family = family;
    this.#node = node;
  }

  addPort(service: Service, servicePort: ServicePort, slices: readonly EndpointSlice[]): void {
    const { spec } = service;
    const targets = chooseTargets(servicePort, slices, this.#family, this.#node);
    const port: Port = {
      id: portId(service, servicePort),
      protocol: (servicePort.protocol ?? "TCP").toLowerCase() as Protocol,
      targets,
      affinitySeconds: affinityOf(spec),
    };
    for (const { ip } of [...targets.cluster, ...targets.local]) this.endpointIPs.add(ip);
    const clusterIPs = this.#ofFamily(spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP ?? ""]);
    if (clusterIPs.length === 0) return;
    const internal = this.#internal(port, spec.internalTrafficPolicy === "Local");
    for (const ip of clusterIPs) {
      this.clusterIPs.add(ip);
      this.#enter(port, ip, servicePort.port, internal);
    }
    this.#addExternal(service, servicePort, port);
  }

  #addExternal({ spec, status }: Service, servicePort: ServicePort, port: Port): void {
    const ingress = status?.loadBalancer?.ingress ?? [];
    const balanced = this.#ofFamily(ingress.filter(({ ipMode }) => ipMode !== "Proxy").map(({ ip }) => ip ?? ""));
    const external = this.#ofFamily(spec.externalIPs ?? []);
    const nodePort = servicePort.nodePort ?? 0;
    if (balanced.length + external.length + nodePort === 0) return;
    const chain = this.#external(port, spec.externalTrafficPolicy === "Local");
    for (const ip of external) this.#enter(port, ip, servicePort.port, chain);
    if (nodePort > 0) this.#enter(port, undefined, nodePort, chain);
    if (balanced.length === 0) return;
    const admitted = this.#firewall(port, spec.loadBalancerSourceRanges ?? [], chain);
    for (const ip of balanced) this.#enter(port, ip, servicePort.port, admitted);
  }

  #enter(port: Port, ip: string | undefined, number: number, chain: string): void {
    if (ip === undefined) this.nodePorts.set(`${port.protocol} . ${number}`, chain);
    else this.addresses.set(`${ip} . ${port.protocol} . ${number}`, chain);
    if (port.protocol === "udp") this.udp.push({ ip, port: number, serving: port.targets.serving });
  }

  /** For the cluster IP. Who calls from outside the Pods' addresses gets answers only through this node. */
  #internal(port: Port, localOnly: boolean): string {
    const offCluster = this.#node.clusterCIDRs.filter((cidr) => familyOf(cidr) === this.#family);
    const masquerade =
      offCluster.length > 0 ? [`${this.#family} saddr != ${set(offCluster)} jump ${MASQUERADE_CHAIN}`] : [];
    const name = `service/${port.id}`;
    this.chains.set(name, [...masquerade, ...(localOnly ? this.#toLocal(port) : this.#toCluster(port))]);
    return name;
  }

  /** For node ports, external and load-balancer addresses. */
  #external(port: Port, localOnly: boolean): string {
    const name = `external/${port.id}`;
    const anywhere = `cluster/${port.id}`;
    this.chains.set(anywhere, this.#toCluster(port));
    if (!localOnly) {
      this.chains.set(name, [`jump ${MASQUERADE_CHAIN}`, `goto ${anywhere}`]);
      return name;
    }
    // The client's address is kept, so only this node's endpoints will do; Pods and the node itself may use any.
    const pods = this.#node.clusterCIDRs.filter((cidr) => familyOf(cidr) === this.#family);
    this.chains.set(name, [
      ...(pods.length > 0 ? [`${this.#family} saddr ${set(pods)} goto ${anywhere}`] : []),
      `fib saddr type local jump ${MASQUERADE_CHAIN}`,
      `fib saddr type local goto ${anywhere}`,
      ...this.#toLocal(port),
    ]);
    return name;
  }

  #firewall(port: Port, ranges: readonly string[], next: string): string {
    if (ranges.length === 0) return next;
    const own = ranges.map((range) => range.trim()).filter((range) => familyOf(range) === this.#family);
    const name = `firewall/${port.id}`;
    const refuse = own.length > 0 ? `${this.#family} saddr != ${set(own)} drop` : "drop";
    this.chains.set(name, [refuse, `goto ${next}`]);
    return name;
  }

  #toCluster(port: Port): string[] {
    return port.targets.cluster.length > 0 ? this.#spread(port, port.targets.cluster) : refusal(port, this.#family);
  }
  /** Without an endpoint here, traffic is dropped: others would answer, so it must not look as if nobody did. */
  #toLocal(port: Port): string[] {
    if (port.targets.local.length > 0) return this.#spread(port, port.targets.local);
    return port.targets.cluster.length > 0 ? ["drop"] : refusal(port, this.#family);
  }

  #spread(port: Port, targets: readonly Target[]): string[] {
    if (port.affinitySeconds !== undefined) return this.#spreadWithAffinity(port, targets);
    const [first] = targets;
    if (targets.length === 1 && first) return [`${proto(port)} dnat to ${address(first)}`];
    const choices = targets.map(({ ip, port }, i) => `${i} : ${ip} . ${port}`).join(", ");
    const choice = `numgen random mod ${targets.length} map { ${choices} }`;
    return [`${proto(port)} dnat ${this.#family} to ${choice}`];
  }

  /** A set of clients for each endpoint: a known client goes where it went, a new one by chance. */
  #spreadWithAffinity(port: Port, targets: readonly Target[]): string[] {
    const known: string[] = [];
    const choices: string[] = [];
    for (const [i, target] of targets.entries()) {
      const name = `endpoint/${port.id}/${target.ip.replaceAll(":", ".")}/${target.port}`;
      const clients = `clients-${digest(name)}`;
      this.affinitySets.set(clients, port.affinitySeconds!);
      this.chains.set(name, [
        `update @${clients} { ${this.#family} saddr }`,
        `${proto(port)} dnat to ${address(target)}`,
      ]);
      known.push(`${this.#family} saddr @${clients} goto ${name}`);
      choices.push(`${i} : goto ${name}`);
    }
    return [...known, `numgen random mod ${targets.length} vmap { ${choices.join(", ")} }`];
  }

  #ofFamily(ips: readonly string[]): string[] {
    return ips.filter((ip) => isSet(ip) && familyOf(ip) === this.#family);
  }
}

const proto = ({ protocol }: Port) => `meta l4proto ${protocol}`;
const set = (values: readonly string[]) => `{ ${values.join(", ")} }`;
const address = ({ ip, port }: Target) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`);
const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);

export const unreachable = (family: Family) => `reject with ${family === "ip" ? "icmp" : "icmpv6"} port-unreachable`;

/** Nobody serves: says so at once, as a host without a listener would. */
function refusal({ protocol }: Port, family: Family): string[] {
  if (protocol === "tcp") return ["meta l4proto tcp reject with tcp reset"];
  return [unreachable(family)];
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
