import { createEventRecorder } from "../client/index.ts";
import { PROXY_MODES, type ProxyMode } from "../proxy/index.ts";
import { FlagError, type FlagValues, list, port } from "./flags.ts";
import type { Connected } from "./remote.ts";

/** Of both the proxy and the DNS, which need the same node and watch the same objects. */
export const NODE_FLAGS = {
  "hostname-override": { description: "name of the node", required: true },
  "node-ip": { description: "addresses of the node, separated by commas", required: true },
} as const;

export const PROXY_FLAGS = {
  "cluster-cidr": { description: "addresses of Pods", default: "10.244.0.0/16" },
  "proxy-mode": { description: "what leads Service addresses to Pods: nftables or iptables", default: "nftables" },
  "iptables-prefix": { description: "what the names of iptables chains begin with", default: "KUBE" },
  "nft-table": { description: "name of the nftables table", default: "kube-proxy" },
  "gateway-of": {
    description: "this node is the way out of nodes with these addresses, and where load balancers' addresses lead",
  },
} as const;

export const DNS_FLAGS = {
  "dns-port": { description: "port to answer on, UDP and TCP", default: "10053" },
  "cluster-domain": { description: "domain of Services and Pods", default: "cluster.local" },
  "resolv-conf": { description: "where the servers for all other names stand", default: "/etc/resolv.conf" },
} as const;

export const ROUTES_FLAGS = {
  "cluster-cidr": PROXY_FLAGS["cluster-cidr"],
  "routes-table": {
    description: "name of the nftables table that hides Pods from outside",
    default: "coxswain-routes",
  },
  "tunnel-name": { description: "link to nodes that are no neighbours", default: "cox-tunnel" },
  "forward-chain-prefix": {
    description: "what the name of the iptables chain begins with that accepts Pods' packets",
    default: "COX",
  },
  "forward-links": { description: "further links whose packets are to pass", default: "" },
} as const;

type NodeValues = FlagValues<typeof NODE_FLAGS>;
/** The bridge is known where the kubelet, which has it made, is in the same process. */
type ProxyValues = NodeValues & FlagValues<typeof PROXY_FLAGS> & { "bridge-name"?: string };

export function proxyOptions(flags: ProxyValues, connected: Connected) {
  return {
    ...connected,
    bridgeName: flags["bridge-name"],
    nodeName: flags["hostname-override"],
    nodeIPs: list(flags["node-ip"]),
    clusterCIDR: flags["cluster-cidr"],
    gatewayOf: flags["gateway-of"],
    mode: proxyMode(flags["proxy-mode"]),
    chainPrefix: flags["iptables-prefix"],
    tableName: flags["nft-table"],
  };
}

function proxyMode(text: string): ProxyMode {
  const mode = PROXY_MODES.find((known) => known === text);
  if (!mode) throw new FlagError(`--proxy-mode: "${text}" is none of ${PROXY_MODES.join(", ")}`);
  return mode;
}

/** NetworkPolicies have a table of the same name, of another family. */
export function policyOptions(flags: ProxyValues, connected: Connected) {
  const nodeName = flags["hostname-override"];
  const recorder = createEventRecorder({ ...connected, component: "kube-proxy", host: nodeName });
  return {
    ...{ ...connected, recorder, nodeName },
    tableName: flags["nft-table"],
    bridgeName: flags["bridge-name"],
    clusterCIDRs: list(flags["cluster-cidr"]),
  };
}

export function dnsOptions(flags: NodeValues & FlagValues<typeof DNS_FLAGS>, connected: Connected) {
  return {
    ...connected,
    nodeName: flags["hostname-override"],
    nodeIP: list(flags["node-ip"])[0]!,
    port: port(flags["dns-port"], "dns-port"),
    clusterDomain: flags["cluster-domain"],
    upstreamResolvConf: flags["resolv-conf"],
  };
}

export function routesOptions(flags: NodeValues & FlagValues<typeof ROUTES_FLAGS>, connected: Connected) {
  return {
    ...connected,
    nodeName: flags["hostname-override"],
    nodeIPs: list(flags["node-ip"]),
    clusterCIDRs: list(flags["cluster-cidr"]),
    tableName: flags["routes-table"],
    tunnelName: flags["tunnel-name"],
    chainPrefix: flags["forward-chain-prefix"],
    acceptedLinks: list(flags["forward-links"]),
  };
}
