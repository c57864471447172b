import type { Family, NodeInfo } from "./endpoints.ts";
import { familyOf } from "./plan.ts";
import { MASQUERADE_CHAIN, type ServiceRules, unreachable } from "./serviceRules.ts";

/** The bit of the packet mark that asks for masquerading; the one Kubernetes uses. */
const MASQUERADE_BIT = "0x4000";

export interface Chain {
  /** for base chains: type, hook and priority */
  readonly hook?: string;
  readonly rules: readonly string[];
}
export interface Collection {
  readonly kind: "set" | "map";
  /** nft's text between the braces, elements excepted */
  readonly spec: string;
  /** key → verdict, or "" in a set; undefined for a set that the kernel fills */
  readonly elements: ReadonlyMap<string, string> | undefined;
}

export type TableFamily = Family | "inet";

/** All of one table, as a value: two of them can be compared. */
export interface Ruleset {
  readonly family: TableFamily;
  readonly collections: ReadonlyMap<string, Collection>;
  readonly chains: ReadonlyMap<string, Chain>;
}

/** Puts the shares of all services together under the hooks. */
export function buildRuleset(family: Family, services: Iterable<ServiceRules>, node: NodeInfo): Ruleset {
  const addresses = new Map<string, string>();
  const nodePorts = new Map<string, string>();
  const hairpin = new Map<string, string>();
  const clusterIPs = new Map<string, string>();
  const chains = new Map<string, Chain>(baseChains(family, node));
  const type = family === "ip" ? "ipv4_addr" : "ipv6_addr";
  const collections = new Map<string, Collection>([
    ["service-addresses", map(`type ${type} . inet_proto . inet_service : verdict;`, addresses)],
    ["node-ports", map("type inet_proto . inet_service : verdict;", nodePorts)],
    ["cluster-ips", { kind: "set", spec: `type ${type};`, elements: clusterIPs }],
    ["hairpin", { kind: "set", spec: `type ${type} . ${type};`, elements: hairpin }],
  ]);
  for (const service of services) {
    for (const [name, rules] of service.chains) chains.set(name, { rules });
    for (const [name, seconds] of service.affinitySets) collections.set(name, clients(type, seconds));
    // Two services may claim one external address and port: the first, in the order given, keeps it.
    for (const [key, chain] of service.addresses) if (!addresses.has(key)) addresses.set(key, `goto ${chain}`);
    for (const [key, chain] of service.nodePorts) if (!nodePorts.has(key)) nodePorts.set(key, `goto ${chain}`);
    for (const ip of service.clusterIPs) clusterIPs.set(ip, "");
    for (const ip of service.endpointIPs) hairpin.set(`${ip} . ${ip}`, "");
  }
  return { family, collections, chains };
}

const map = (spec: string, elements: ReadonlyMap<string, string>): Collection => ({ kind: "map", spec, elements });

function clients(type: string, seconds: number): Collection {
  return {
    kind: "set",
    spec: `type ${type}; flags dynamic, timeout; timeout ${seconds}s; size 65535;`,
    elements: undefined,
  };
}

function baseChains(family: Family, node: NodeInfo): [string, Chain][] {
  const dispatch = ["jump services"];
  return [
    [
      "services",
      {
        rules: [
          `${family} daddr . meta l4proto . th dport vmap @service-addresses`,
          "fib daddr type local meta l4proto . th dport vmap @node-ports",
          // A cluster IP is nobody's but this table's: what it does not know must not leave for a network that might.
          `${family} daddr @cluster-ips meta l4proto tcp reject with tcp reset`,
          `${family} daddr @cluster-ips ${unreachable(family)}`,
        ],
      },
    ],
    [MASQUERADE_CHAIN, { rules: [`meta mark set meta mark | ${MASQUERADE_BIT}`] }],
    ["prerouting", { hook: "type nat hook prerouting priority -100; policy accept;", rules: dispatch }],
    ["output", { hook: "type nat hook output priority -100; policy accept;", rules: dispatch }],
    [
      "postrouting",
      { hook: "type nat hook postrouting priority 100; policy accept;", rules: masquerading(family, node) },
    ],
    ["forward", { hook: "type filter hook forward priority 0; policy accept;", rules: invalid(family, node) }],
    ["raw", { hook: "type filter hook prerouting priority -300; policy accept;", rules: loopback(family) }],
  ];
}

function masquerading(family: Family, node: NodeInfo): string[] {
  const rules = [
    `meta mark & ${MASQUERADE_BIT} != 0 meta mark set meta mark ^ ${MASQUERADE_BIT} masquerade fully-random`,
    // An endpoint that reached itself would answer to itself, past this node.
    `ct status dnat ${family} saddr . ${family} daddr @hairpin masquerade fully-random`,
  ];
  const pods = node.podCIDRs.filter((cidr) => familyOf(cidr) === family).join(", ");
  // Answers between Pods of one bridge would not come by here, and so not be translated back.
  if (!node.bridgeFiltered && pods) {
    rules.push(`ct status dnat ${family} saddr { ${pods} } ${family} daddr { ${pods} } masquerade fully-random`);
  }
  return rules;
}

/** A late answer that conntrack cannot place would reach the client untranslated, and make it reset its connection. */
function invalid(family: Family, { clusterCIDRs }: NodeInfo): string[] {
  const pods = clusterCIDRs.filter((cidr) => familyOf(cidr) === family).join(", ");
  return pods ? [`ct state invalid ${family} saddr { ${pods} } drop`] : [];
}

/** Node ports on 127.0.0.1 need route_localnet, which must not open other loopback services to the network. */
function loopback(family: Family): string[] {
  return family === "ip" ? ['iif != "lo" ip daddr 127.0.0.0/8 drop'] : [];
}
