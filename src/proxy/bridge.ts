import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";

/** What joins this node's Pods. */
export interface PodBridge {
  name: string;
  /** whose name rules for it may bear */
  table: string;
  /** addresses of all Pods */
  clusterCIDRs: readonly string[];
}

/**
 * For kernels without br_netfilter, where the IP hooks do not see what passes between two ports of a bridge: takes each
 * such packet up to this node, which routes it back to the bridge. Then answers are translated and policies hold as
 * between nodes, and the packet's price is one hop. Pods keep finding each other's link addresses by themselves.
 */
export function routeBridged(bridge: PodBridge): void {
  execFileSync("nft", ["-f", "-"], { input: bridgeRules(bridge, ensureBridge(bridge.name)) });
  // each packet leaves by the link it came from, which is no mistake of who sent it
  for (const link of ["all", bridge.name])
    execFileSync("sysctl", ["-qw", `net.ipv4.conf.${link.replaceAll(".", "/")}.send_redirects=0`]);
}

/** Harmless when there are none, and where there can be none. */
export function removeBridgeRules(table: string): void {
  const input = `add table bridge ${table}\ndelete table bridge ${table}\n`;
  spawnSync("nft", ["-f", "-"], { input });
}

/**
 * nftables' text. What is not from one Pod for one other passes as ever, and so does how IPv6 finds neighbours. The names
 * of links are those that the CNI plugin gives to Pods' ends; between machines on a bridge Pods' packets pass untouched.
 */
export function bridgeRules({ table, clusterCIDRs }: PodBridge, address: string): string {
  const up = `ether daddr set ${address} meta pkttype set host`;
  const taken = clusterCIDRs.map((cidr) => {
    const family = cidr.includes(":") ? "ip6" : "ip";
    return `    ${family} saddr ${cidr} ${family} daddr ${cidr} ${up}`;
  });
  return `add table bridge ${table}
delete table bridge ${table}
table bridge ${table} {
  chain prerouting {
    type filter hook prerouting priority -300; policy accept;
    iifname != "veth*" accept
    ether daddr ${address} accept
    ether daddr & 01:00:00:00:00:00 != 00:00:00:00:00:00 accept
    icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect } accept
${taken.join("\n")}
  }
}
`;
}

/** The bridge's link address, with a bridge made for it where the CNI plugin has not yet: it takes the one it finds. */
function ensureBridge(bridge: string): string {
  const shown = () => spawnSync("ip", ["-json", "link", "show", bridge], { encoding: "utf8" });
  if (shown().status !== 0) {
    const bytes = createHash("sha256").update(`pods of ${bridge}`).digest("hex").slice(0, 10);
    const address = `0a:${bytes.replace(/..(?=.)/g, "$&:")}`;
    execFileSync("ip", ["link", "add", bridge, "address", address, "type", "bridge"]);
  }
  const [link] = JSON.parse(shown().stdout) as { address: string }[];
  return link!.address;
}
