import { readFile } from "node:fs/promises";
import type { ClusterConfig } from "../layout.ts";
import { type RegistryConfig, readRegistryConfig } from "../registries.ts";

/** Something that serves on the host's own loopback, and that machines use as if it served on theirs. */
export interface LoopbackService {
  address: string;
  port: number;
  protocol: "tcp" | "udp";
}

const DNS_PORT = 53;

/** The registries and name servers that this host reaches at a loopback address. */
export async function loopbackServices(config: ClusterConfig): Promise<LoopbackService[]> {
  const registries = config.registryConfig === undefined ? undefined : await readRegistryConfig(config.registryConfig);
  const resolvConf = await readFile("/etc/resolv.conf", "utf8").catch(() => ""); // none at all
  return [...registryServices(registries), ...nameServers(resolvConf)];
}

export function registryServices(registries: RegistryConfig | undefined): LoopbackService[] {
  if (!registries) return [];
  const hosts = [...Object.keys(registries.mirrors), ...Object.keys(registries.configs)];
  const urls = [
    ...Object.values(registries.mirrors).flatMap(({ endpoint }) => endpoint),
    // a registry without a mirror is asked over TLS
    ...hosts.filter((host) => host !== "*").map((host) => `https://${host}`),
  ];
  const found = new Map<string, LoopbackService>();
  for (const text of urls) {
    const { hostname, port, protocol } = new URL(text);
    const address = hostname === "localhost" ? "127.0.0.1" : hostname;
    if (!isLoopback(address)) continue;
    const service = { address, port: Number(port || (protocol === "http:" ? 80 : 443)), protocol: "tcp" as const };
    found.set(`${service.address}:${service.port}`, service);
  }
  return [...found.values()];
}

export function nameServers(resolvConf: string): LoopbackService[] {
  const addresses = [...resolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1]!);
  return addresses
    .filter(isLoopback)
    .flatMap((address) => (["udp", "tcp"] as const).map((protocol) => ({ address, port: DNS_PORT, protocol })));
}

const isLoopback = (address: string) => /^127(\.\d+){3}$/.test(address);

/** In the machine: what goes to its loopback goes to the host's gateway instead. nftables' chains. */
export function machineForwards(services: readonly LoopbackService[], gateway: string): string {
  const rules = services.map(
    ({ address, port, protocol }) => `ip daddr ${address} ${protocol} dport ${port} dnat to ${gateway}:${port}`,
  );
  return `  chain output {
    type nat hook output priority -110; policy accept;
    ${rules.join("\n    ")}
  }
  chain postrouting {
    type nat hook postrouting priority 90; policy accept;
    ip saddr 127.0.0.0/8 ip daddr ${gateway} masquerade
  }
`;
}

/** On the host: what comes for the gateway from a machine goes to the host's loopback. */
export function hostForwards(services: readonly LoopbackService[], gateway: string, bridge: string): string {
  const rules = services.map(
    ({ address, port, protocol }) =>
      `iifname "${bridge}" ip daddr ${gateway} ${protocol} dport ${port} dnat to ${address}:${port}`,
  );
  return `  chain prerouting {
    type nat hook prerouting priority -110; policy accept;
    ${rules.join("\n    ")}
  }
`;
}
