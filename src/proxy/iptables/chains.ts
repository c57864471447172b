import type { Family, NodeInfo, Target } from "../endpoints.ts";
import { digest, familyOf, isOpen, type PortPlan, type ServicePlan } from "../plan.ts";

export type TableName = "nat" | "filter" | "raw";
export const TABLES: readonly TableName[] = ["raw", "nat", "filter"];

/** Our chains with their rules, by table; and the rules of built-in chains that lead to them. */
export interface Chains {
  readonly tables: Readonly<Record<TableName, ReadonlyMap<string, readonly string[]>>>;
  readonly hooks: readonly { readonly table: TableName; readonly chain: string; readonly rule: string }[];
}

/** The bit of the packet mark that asks for masquerading; the one Kubernetes uses. */
const MARK = "0x4000";

/** All chains of one address family. `prefix`: what their names begin with. */
export function buildChains(prefix: string, family: Family, plans: Iterable<ServicePlan>, node: NodeInfo): Chains {
  const builder = new Builder(prefix, family, node);
  for (const plan of plans) for (const port of plan) builder.addPort(port);
  return builder.finish();
}

class Builder {
  readonly #prefix: string;
  readonly #family: Family;
  readonly #node: NodeInfo;
  readonly #pods: readonly string[];
  readonly #nat = new Map<string, readonly string[]>();
  readonly #services: string[] = [];
  readonly #nodePorts: string[] = [];
  readonly #refused: string[] = [];
  readonly #clusterIPs = new Set<string>();
  readonly #claimed = new Set<string>();

  constructor(prefix: string, family: Family, node: NodeInfo) {
    this.#prefix = prefix;
    this.#family = family;
    this.#node = node;
    this.#pods = node.clusterCIDRs.filter((cidr) => familyOf(cidr) === family);
  }

  addPort(port: PortPlan): void {
    for (const ip of port.clusterIPs) this.#enterCluster(port, ip);
    if (isOpen(port)) this.#enterFromOutside(port);
  }

  #name(kind: string, id = ""): string {
    return id === "" ? `${this.#prefix}-${kind}` : `${this.#prefix}-${kind}-${digest(id)}`;
  }
  #host = (ip: string) => `${ip}/${this.#family === "ip" ? 32 : 128}`;
  #to = (ip: string, port: PortPlan, text: string) =>
    `-d ${this.#host(ip)} ${matchPort(port, port.port)} ${comment(port.id, text)}`;

  /** The first Service that claims an address and port keeps it. */
  #isFirst(key: string): boolean {
    if (this.#claimed.has(key)) return false;
    this.#claimed.add(key);
    return true;
  }

  #enterCluster(port: PortPlan, ip: string): void {
    this.#clusterIPs.add(ip);
    const { internalLocal, targets } = port;
    const served = internalLocal ? targets.local : targets.cluster;
    if (served.length === 0) {
      // The rule for the whole address refuses it, unless others would answer.
      if (internalLocal && targets.cluster.length > 0)
        this.#refused.push(`${this.#to(ip, port, "no local endpoints")} -j DROP`);
      return;
    }
    const to = this.#to(ip, port, "cluster IP");
    // Who calls from outside the Pods' addresses gets answers only through this node.
    for (const pods of this.#pods) this.#services.push(`! -s ${pods} ${to} -j ${this.#name("MARK-MASQ")}`);
    this.#services.push(`${to} -j ${internalLocal ? this.#local(port) : this.#anywhere(port)}`);
  }

  #enterFromOutside(port: PortPlan): void {
    const { externalIPs, balancerIPs, nodePort, sourceRanges } = port;
    const chain = this.#external(port);
    const enter = (ip: string, next: string | undefined) => {
      if (!this.#isFirst(`${ip} ${port.protocol} ${port.port}`)) return;
      if (next) this.#services.push(`${this.#to(ip, port, "from outside")} -j ${next}`);
      else this.#refuse(port, this.#to(ip, port, "no endpoints"));
    };
    for (const ip of externalIPs) enter(ip, chain);
    const balanced = this.#balanced(port) ?? chain;
    for (const ip of balancerIPs) {
      enter(ip, balanced && sourceRanges ? this.#firewall(port, sourceRanges, balanced) : balanced);
      if (chain && sourceRanges) this.#refused.push(`${this.#to(ip, port, "not in the source ranges")} -j DROP`);
    }
    if (nodePort === 0 || !this.#isFirst(`* ${port.protocol} ${nodePort}`)) return;
    const match = `${matchPort(port, nodePort)} ${comment(port.id, "node port")}`;
    if (chain) this.#nodePorts.push(`${match} -j ${chain}`);
    else this.#refuse(port, `-m addrtype --dst-type LOCAL ${match}`);
  }

  #refuse({ protocol }: PortPlan, match: string): void {
    this.#refused.push(`${match} -j REJECT${protocol === "tcp" ? " --reject-with tcp-reset" : ""}`);
  }

  /** The chain for traffic from outside; undefined when nobody serves. */
  #external(port: PortPlan): string | undefined {
    const { externalLocal, targets } = port;
    if (targets.cluster.length + targets.local.length === 0) return undefined;
    const name = this.#name("EXT", port.id);
    const masquerade = this.#name("MARK-MASQ");
    if (!externalLocal) {
      this.#nat.set(name, [`-j ${masquerade}`, `-j ${this.#anywhere(port)}`]);
      return name;
    }
    // The client's address is kept, so only this node's endpoints will do; Pods and the node itself may use any.
    const rules: string[] = [];
    if (targets.cluster.length > 0) {
      const anywhere = this.#anywhere(port);
      for (const pods of this.#pods) rules.push(`-s ${pods} -j ${anywhere}`);
      rules.push(`-m addrtype --src-type LOCAL -j ${masquerade}`, `-m addrtype --src-type LOCAL -j ${anywhere}`);
    }
    if (targets.local.length > 0) rules.push(`-j ${this.#local(port)}`);
    else this.#dropElsewhere(port);
    this.#nat.set(name, rules);
    return name;
  }

  /** Where load balancers' addresses lead: here clients keep their address, wherever the endpoint is. */
  #balanced(port: PortPlan): string | undefined {
    const { balanced, cluster } = port.targets;
    if (!port.externalLocal || !balanced || balanced.length + cluster.length === 0) return undefined;
    const name = this.#name("LB", port.id);
    const rules = this.#pods.map((pods) => `-s ${pods} -m addrtype ! --src-type LOCAL -j ${this.#anywhere(port)}`);
    if (balanced.length > 0) rules.push(`-j ${this.#spread(this.#name("SVB", port.id), port, balanced)}`);
    else for (const ip of port.balancerIPs) this.#refused.push(`${this.#to(ip, port, "no node for it")} -j DROP`);
    this.#nat.set(name, rules);
    return name;
  }

  /** Without an endpoint here, traffic is dropped: others would answer, so it must not look as if nobody did. */
  #dropElsewhere(port: PortPlan): void {
    for (const ip of [...port.externalIPs, ...(port.targets.balanced ? [] : port.balancerIPs)])
      this.#refused.push(`${this.#to(ip, port, "no local endpoints")} -j DROP`);
    if (port.nodePort === 0) return;
    const match = `${matchPort(port, port.nodePort)} ${comment(port.id, "no local endpoints")}`;
    this.#refused.push(`-m addrtype --dst-type LOCAL ${match} -j DROP`);
  }

  #firewall(port: PortPlan, ranges: readonly string[], next: string): string {
    const name = this.#name("FW", port.id);
    this.#nat.set(
      name,
      ranges.map((range) => `-s ${range} -j ${next}`),
    );
    return name;
  }

  #anywhere(port: PortPlan): string {
    return this.#spread(this.#name("SVC", port.id), port, port.targets.cluster);
  }
  #local(port: PortPlan): string {
    return this.#spread(this.#name("SVL", port.id), port, port.targets.local);
  }

  #spread(name: string, port: PortPlan, targets: readonly Target[]): string {
    if (this.#nat.has(name)) return name;
    const endpoints = targets.map((target) => this.#endpoint(port, target));
    const known = port.affinitySeconds === undefined ? [] : endpoints;
    this.#nat.set(name, [
      // A known client goes where it went.
      ...known.map((one) => `-m recent --name ${one} --rcheck --seconds ${port.affinitySeconds} --reap -j ${one}`),
      ...endpoints.map((endpoint, i) => {
        const left = endpoints.length - i;
        const chance = left > 1 ? `-m statistic --mode random --probability ${(1 / left).toFixed(10)} ` : "";
        return `${chance}-j ${endpoint}`;
      }),
    ]);
    return name;
  }

  #endpoint(port: PortPlan, { ip, port: number }: Target): string {
    const name = this.#name("SEP", `${port.id} ${ip} ${number}`);
    const remember = port.affinitySeconds === undefined ? "" : `-m recent --name ${name} --set `;
    const to = ip.includes(":") ? `[${ip}]:${number}` : `${ip}:${number}`;
    this.#nat.set(name, [
      // An endpoint that reached itself would answer to itself, past this node.
      `-s ${this.#host(ip)} -j ${this.#name("MARK-MASQ")}`,
      `-p ${port.protocol} ${remember}-j DNAT --to-destination ${to}`,
    ]);
    return name;
  }

  finish(): Chains {
    const name = (kind: string) => this.#name(kind);
    const nat = new Map<string, readonly string[]>([
      [name("SERVICES"), [...this.#services, `-m addrtype --dst-type LOCAL -j ${name("NODEPORTS")}`]],
      [name("NODEPORTS"), this.#nodePorts],
      [name("MARK-MASQ"), [`-j MARK --or-mark ${MARK}`]],
      [name("POSTROUTING"), this.#masquerading()],
      ...this.#nat,
    ]);
    // A cluster IP is nobody's but this table's: what was not translated must not leave for a network that might know it.
    const refused = [
      ...this.#refused,
      ...[...this.#clusterIPs].flatMap((ip) => [
        `-d ${this.#host(ip)} -p tcp -j REJECT --reject-with tcp-reset`,
        `-d ${this.#host(ip)} -j REJECT`,
      ]),
    ];
    const filter = new Map<string, readonly string[]>([
      [name("REFUSE"), refused],
      // A late answer that conntrack cannot place would reach the client untranslated, and make it reset its connection.
      [name("FORWARD"), this.#pods.map((pods) => `-m conntrack --ctstate INVALID -s ${pods} -j DROP`)],
    ]);
    // Node ports on 127.0.0.1 need route_localnet, which must not open other loopback services to the network.
    const loopback = this.#family === "ip" ? ["! -i lo -d 127.0.0.0/8 -j DROP"] : [];
    const raw = new Map<string, readonly string[]>([[name("LOOPBACK"), loopback]]);
    return { tables: { nat, filter, raw }, hooks: this.#hooks() };
  }

  #masquerading(): string[] {
    const rules: string[] = [];
    // Answers between Pods of one bridge would not come by here, and so not be translated back.
    for (const pods of this.#node.bridgeFiltered ? [] : this.#node.podCIDRs)
      if (familyOf(pods) === this.#family)
        rules.push(`-m conntrack --ctstate DNAT -s ${pods} -d ${pods} -j MASQUERADE --random-fully`);
    rules.push(`-m mark ! --mark ${MARK}/${MARK} -j RETURN`, `-j MARK --xor-mark ${MARK}`);
    return [...rules, "-j MASQUERADE --random-fully"];
  }

  #hooks(): Chains["hooks"] {
    const hook = (table: TableName, chain: string, kind: string, match = "") => ({
      table,
      chain,
      rule: `${match}-j ${this.#name(kind)}`,
    });
    const fresh = "-m conntrack --ctstate NEW ";
    return [
      hook("nat", "PREROUTING", "SERVICES"),
      hook("nat", "OUTPUT", "SERVICES"),
      hook("nat", "POSTROUTING", "POSTROUTING"),
      hook("filter", "INPUT", "REFUSE", fresh),
      hook("filter", "OUTPUT", "REFUSE", fresh),
      hook("filter", "FORWARD", "REFUSE", fresh),
      hook("filter", "FORWARD", "FORWARD"),
      hook("raw", "PREROUTING", "LOOPBACK"),
    ];
  }
}

/** multiport also for SCTP, for which not every kernel has a match of its own. */
function matchPort({ protocol }: PortPlan, port: number): string {
  if (protocol === "sctp") return `-p sctp -m multiport --dports ${port}`;
  return `-p ${protocol} -m ${protocol} --dport ${port}`;
}

const comment = (id: string, text: string) => `-m comment --comment "${id.slice(13)} ${text}"`;
