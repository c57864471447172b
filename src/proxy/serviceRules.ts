import type { Service } from "../api/core/v1/index.ts";
import type { EndpointSlice } from "../api/discovery/v1/index.ts";
import type { Family, NodeInfo, Target } from "./endpoints.ts";
import { digest, familyOf, isOpen, type PortPlan, planService, type ServicePlan } from "./plan.ts";

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
  /** endpoints that may meet themselves when they call their own service, also those on their way out */
  readonly endpointIPs: ReadonlySet<string>;
}

export const MASQUERADE_CHAIN = "mark-masquerade";

/** The rules that carry traffic for one Service to its endpoints, in one address family. */
export function serviceRules(
  service: Service,
  slices: readonly EndpointSlice[],
  family: Family,
  node: NodeInfo,
): ServiceRules {
  return rulesOf(planService(service, slices, family, node), family, node);
}

export function rulesOf(plan: ServicePlan, family: Family, node: NodeInfo): ServiceRules {
  const rules = new Builder(family, node);
  for (const port of plan) rules.addPort(port);
  return rules;
}

class Builder implements ServiceRules {
  readonly chains = new Map<string, readonly string[]>();
  readonly affinitySets = new Map<string, number>();
  readonly addresses = new Map<string, string>();
  readonly nodePorts = new Map<string, string>();
  readonly clusterIPs = new Set<string>();
  readonly endpointIPs = new Set<string>();
  readonly #family: Family;
  readonly #node: NodeInfo;

  constructor(family: Family, node: NodeInfo) {
    this.#family = family;
    this.#node = node;
  }

  addPort(port: PortPlan): void {
    for (const ip of port.targets.known) this.endpointIPs.add(ip);
    const internal = this.#internal(port, port.internalLocal);
    for (const ip of port.clusterIPs) {
      this.clusterIPs.add(ip);
      this.#enter(port, ip, port.port, internal);
    }
    if (isOpen(port)) this.#addExternal(port);
  }

  #addExternal(port: PortPlan): void {
    const chain = this.#external(port, port.externalLocal);
    for (const ip of port.externalIPs) this.#enter(port, ip, port.port, chain);
    if (port.nodePort > 0) this.#enter(port, undefined, port.nodePort, chain);
    if (port.balancerIPs.length === 0) return;
    const admitted = this.#firewall(port, port.sourceRanges, this.#balanced(port) ?? chain);
    for (const ip of port.balancerIPs) this.#enter(port, ip, port.port, admitted);
  }

  #enter(port: PortPlan, ip: string | undefined, number: number, chain: string): void {
    if (ip === undefined) this.nodePorts.set(`${port.protocol} . ${number}`, chain);
    else this.addresses.set(`${ip} . ${port.protocol} . ${number}`, chain);
  }

  /** For the cluster IP. Who calls from outside the Pods' addresses gets answers only through this node. */
  #internal(port: PortPlan, localOnly: boolean): string {
    const offCluster = this.#node.clusterCIDRs.filter((cidr) => familyOf(cidr) === this.#family);
    const masquerade =
      offCluster.length > 0 ? [`${this.#family} saddr != ${set(offCluster)} jump ${MASQUERADE_CHAIN}`] : [];
    const name = `service/${port.id}`;
    this.chains.set(name, [...masquerade, ...(localOnly ? this.#toLocal(port) : this.#toCluster(port))]);
    return name;
  }

  /** For node ports, external and load-balancer addresses. */
  #external(port: PortPlan, localOnly: boolean): string {
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

  /** Where load balancers' addresses lead: here clients keep their address, wherever the endpoint is. */
  #balanced(port: PortPlan): string | undefined {
    const { balanced, cluster } = port.targets;
    if (!port.externalLocal || !balanced) return undefined;
    const name = `balanced/${port.id}`;
    const pods = this.#node.clusterCIDRs.filter((cidr) => familyOf(cidr) === this.#family);
    const nobody = cluster.length > 0 ? ["drop"] : refusal(port, this.#family);
    this.chains.set(name, [
      ...(pods.length > 0
        ? [`fib saddr type != local ${this.#family} saddr ${set(pods)} goto cluster/${port.id}`]
        : []),
      ...(balanced.length > 0 ? this.#spread(port, balanced) : nobody),
    ]);
    return name;
  }

  #firewall(port: PortPlan, own: readonly string[] | undefined, next: string): string {
    if (own === undefined) return next;
    const name = `firewall/${port.id}`;
    const refuse = own.length > 0 ? `${this.#family} saddr != ${set(own)} drop` : "drop";
    this.chains.set(name, [refuse, `goto ${next}`]);
    return name;
  }

  #toCluster(port: PortPlan): string[] {
    return port.targets.cluster.length > 0 ? this.#spread(port, port.targets.cluster) : refusal(port, this.#family);
  }
  /** Without an endpoint here, traffic is dropped: others would answer, so it must not look as if nobody did. */
  #toLocal(port: PortPlan): string[] {
    if (port.targets.local.length > 0) return this.#spread(port, port.targets.local);
    return port.targets.cluster.length > 0 ? ["drop"] : refusal(port, this.#family);
  }

  /**
   * A packet that is on its way through the chain when the chain is replaced finds its old rule, but the choices in that
   * are already void: it passes on to the last rule, which needs no choice.
   */
  #spread(port: PortPlan, targets: readonly Target[]): string[] {
    if (port.affinitySeconds !== undefined) return this.#spreadWithAffinity(port, targets);
    const first = `${proto(port)} dnat to ${address(targets[0]!)}`;
    if (targets.length === 1) return [first];
    const choices = targets.map(({ ip, port }, i) => `${i} : ${ip} . ${port}`).join(", ");
    const choice = `numgen random mod ${targets.length} map { ${choices} }`;
    return [`${proto(port)} dnat ${this.#family} to ${choice}`, first];
  }

  /** A set of clients for each endpoint: a known client goes where it went, a new one by chance; the last as in `#spread`. */
  #spreadWithAffinity(port: PortPlan, targets: readonly Target[]): string[] {
    const known: string[] = [];
    const verdicts: string[] = [];
    for (const target of targets) {
      const name = `endpoint/${port.id}/${target.ip.replaceAll(":", ".")}/${target.port}`;
      const clients = `clients-${digest(name)}`;
      this.affinitySets.set(clients, port.affinitySeconds!);
      this.chains.set(name, [
        `update @${clients} { ${this.#family} saddr }`,
        `${proto(port)} dnat to ${address(target)}`,
      ]);
      known.push(`${this.#family} saddr @${clients} goto ${name}`);
      verdicts.push(`goto ${name}`);
    }
    const choices = verdicts.map((verdict, i) => `${i} : ${verdict}`).join(", ");
    return [...known, `numgen random mod ${targets.length} vmap { ${choices} }`, verdicts[0]!];
  }
}

const proto = ({ protocol }: PortPlan) => `meta l4proto ${protocol}`;
const set = (values: readonly string[]) => `{ ${values.join(", ")} }`;
const address = ({ ip, port }: Target) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`);

export const unreachable = (family: Family) => `reject with ${family === "ip" ? "icmp" : "icmpv6"} port-unreachable`;

/** Nobody serves: says so at once, as a host without a listener would. */
function refusal({ protocol }: PortPlan, family: Family): string[] {
  if (protocol === "tcp") return ["meta l4proto tcp reject with tcp reset"];
  return [unreachable(family)];
}
