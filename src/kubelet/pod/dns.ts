import type { Pod } from "../../api/core/v1/index.ts";

export interface DnsSettings {
  servers: string[];
  searches: string[];
  options: string[];
}

/** The node's own resolv.conf, read. */
export function parseResolvConf(text: string): DnsSettings {
  const settings: DnsSettings = { servers: [], searches: [], options: [] };
  for (const line of text.split("\n")) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === "nameserver" && rest[0]) settings.servers.push(rest[0]);
    else if (word === "search" || word === "domain") settings.searches = rest.map((it) => it.replace(/(?<=.)\.$/, ""));
    else if (word === "options") settings.options = rest;
  }
  return settings;
}

export interface DnsInput {
  clusterDNS: readonly string[];
  clusterDomain: string;
  host: DnsSettings;
}

const MAX_SERVERS = 3;
const MAX_SEARCHES = 32;

/** What goes into the pod's resolv.conf, by its dnsPolicy and dnsConfig. */
export function podDns(pod: Pod, { clusterDNS, clusterDomain, host }: DnsInput): DnsSettings {
  const settings = base(pod, { clusterDNS, clusterDomain, host });
  const config = pod.spec.dnsConfig;
  const options = new Map(settings.options.map((option) => [option.split(":")[0]!, option]));
  for (const { name = "", value } of config?.options ?? []) options.set(name, value ? `${name}:${value}` : name);
  return {
    servers: unique([...settings.servers, ...(config?.nameservers ?? [])]).slice(0, MAX_SERVERS),
    searches: unique([...settings.searches, ...(config?.searches ?? [])]).slice(0, MAX_SEARCHES),
    options: [...options.values()],
  };
}

function base(pod: Pod, { clusterDNS, clusterDomain, host }: DnsInput): DnsSettings {
  const policy = pod.spec.dnsPolicy || "ClusterFirst";
  if (policy === "None") return { servers: [], searches: [], options: [] };
  const inCluster = policy === "ClusterFirstWithHostNet" || (policy === "ClusterFirst" && !pod.spec.hostNetwork);
  if (!inCluster || clusterDNS.length === 0) return host;
  const searches = [`${pod.metadata.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  return { servers: [...clusterDNS], searches: [...searches, ...host.searches], options: ["ndots:5"] };
}

const unique = (items: string[]) => [...new Set(items)];
