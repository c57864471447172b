import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { type ClusterConfig, clusterNetwork } from "../layout.ts";
import { run, tryRun } from "../run.ts";
import { hostForwards, type LoopbackService, loopbackServices, machineForwards } from "./loopback.ts";

/** Makes the bridge that joins the cluster's machines, with this host as their way out. Harmless when it is there. */
export async function ensureMachineNetwork(config: ClusterConfig): Promise<void> {
  const { machines, ipv6 } = clusterNetwork(config.name, config.index);
  if ((await tryRun("ip", ["link", "show", machines.bridge])).code !== 0) {
    // a bridge without an address of its own takes its ports', and would change it as they come and go
    const address = linkAddress(machines.bridge);
    const { code, stderr } = await tryRun("ip", ["link", "add", machines.bridge, "address", address, "type", "bridge"]);
    if (code !== 0 && !stderr.includes("File exists")) throw new Error(`no bridge for machines: ${stderr.trim()}`);
  }
  await ipBatch([
    `address replace ${machines.gateway}/16 dev ${machines.bridge}`,
    ...(config.dualStack ? [`address replace ${ipv6.machines.gateway}/64 dev ${machines.bridge} nodad`] : []),
    `link set ${machines.bridge} up`,
  ]);
  await run("nft", ["-f", "-"], { input: machineRules(config, await loopbackServices(config)) });
  await allowLoopback(machines.bridge);
}

/** Makes the host's loopback services answer on a machine's own loopback; `prefix` runs a command there. */
export async function forwardLoopback(config: ClusterConfig, prefix: readonly string[]): Promise<void> {
  const { machines } = clusterNetwork(config.name, config.index);
  const forwards = machineForwards(await loopbackServices(config), machines.gateway);
  const [program, ...args] = [...prefix, "nft", "-f", "-"];
  await run(program!, args, { input: table(machines.nftTable, forwards) });
}

/** Packets of the link may be led to 127.0.0.0/8; those that are sent there are refused by the proxy's rules. */
async function allowLoopback(link: string): Promise<void> {
  await writeFile(`/proc/sys/net/ipv4/conf/${link}/route_localnet`, "1");
}

/** Machines have private addresses: what they send beyond this host leaves under the host's. */
export function machineRules(config: ClusterConfig, services: readonly LoopbackService[]): string {
  const { machines, podCIDR, ipv6 } = clusterNetwork(config.name, config.index);
  const { bridge, cidr, gateway, nftTable } = machines;
  const leaving = (family: "ip" | "ip6", from: string, pods: string) => `  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    ${family} saddr ${from} ${family} daddr != { ${from}, ${pods} } oifname != { "${bridge}", "lo" } masquerade
  }
`;
  const ipv4 = table(nftTable, hostForwards(services, gateway, bridge) + leaving("ip", cidr, podCIDR));
  if (!config.dualStack) return ipv4;
  return ipv4 + table(nftTable, leaving("ip6", ipv6.machines.cidr, ipv6.podCIDR), "ip6");
}

const table = (name: string, chains: string, family = "ip") => `add table ${family} ${name}
delete table ${family} ${name}
table ${family} ${name} {
${chains}}
`;

/** An Ethernet address that is always the same for the same name. */
export function linkAddress(name: string): string {
  const bytes = createHash("sha256").update(name).digest().subarray(0, 5);
  return ["0a", ...[...bytes].map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

/** Runs several `ip` commands in one process, here or behind the words of `prefix`. */
export async function ipBatch(commands: readonly string[], prefix: readonly string[] = []): Promise<void> {
  const [program, ...args] = [...prefix, "ip", "-batch", "-"];
  await run(program!, args, { input: `${commands.join("\n")}\n` });
}
