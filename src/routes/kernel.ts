import { execFile } from "node:child_process";
import { type Accepted, forwardingChange } from "./forwarding.ts";
import { firstAddress, isIPv4, type KernelRoute, linkAddress, networkIdentifier, type RoutePlan } from "./plan.ts";

/** Marks routes as ours; a number that no routing daemon of iproute2's list has. */
const PROTOCOL = 199;
/** IANA's port for VXLAN */
const PORT = 4789;

export interface Tunnel {
  /** name of the link */
  name: string;
  /** IPv4 address of this node */
  local: string;
  /** IPv4 addresses of all Pods */
  clusterCIDR: string;
  /** of this node's Pods */
  blocks: readonly string[];
}

/** iproute2's batch lines that make routes what they should be. */
export function routeCommands(plan: RoutePlan, tunnel: string): string[] {
  return [
    ...plan.direct.map(
      ({ block, via, device }) => `route replace ${block} via ${via} dev ${device} onlink proto ${PROTOCOL}`,
    ),
    ...plan.tunnel.flatMap(({ block, via, linkAddress }) => [
      `neighbour replace ${via} lladdr ${linkAddress} dev ${tunnel} nud permanent`,
      `route replace ${block} via ${via} dev ${tunnel} onlink proto ${PROTOCOL}`,
    ]),
  ];
}

/** bridge(8)'s batch lines: behind which node each link address of the tunnel is. */
export function forwardingCommands(plan: RoutePlan, tunnel: string): string[] {
  return plan.tunnel.map((it) => `fdb replace ${it.linkAddress} dev ${tunnel} dst ${it.endpoint} self permanent`);
}

/** nftables' text: Pods keep their address within the cluster, and take the node's to go beyond. */
export function masqueradeRules(table: string, blocks: readonly string[], clusterCIDRs: readonly string[]): string {
  const text = [true, false].map((ipv4) => {
    const own = blocks.filter((block) => isIPv4(block) === ipv4);
    const within = clusterCIDRs.filter((cidr) => isIPv4(cidr) === ipv4);
    const [family, multicast] = ipv4 ? ["ip", "224.0.0.0/4"] : ["ip6", "ff00::/8"];
    return own.length === 0 || within.length === 0
      ? ""
      : `add table ${family} ${table}
delete table ${family} ${table}
table ${family} ${table} {
  chain postrouting {
    type nat hook postrouting priority 101; policy accept;
    ${family} saddr { ${own.join(", ")} } ${family} daddr != { ${within.join(", ")}, ${multicast} } masquerade fully-random
  }
}
`;
  });
  return text.join("");
}

/** The kernel's routes that are not ours. */
export async function foreignRoutes(): Promise<KernelRoute[]> {
  const [ipv4, ipv6] = await Promise.all([mainTable("-4", "0.0.0.0/0"), mainTable("-6", "::/0")]);
  return [...ipv4, ...ipv6].filter(({ protocol }) => protocol !== String(PROTOCOL));
}

async function mainTable(family: "-4" | "-6", everything: string) {
  const shown = run("ip", ["-Numeric", "-json", family, "route", "show", "table", "main"]);
  // a kernel without IPv6 has no table of it
  const text = await (family === "-6" ? shown.catch(() => "") : shown);
  return parse(text).map((route) => (route.dst === "default" ? { ...route, dst: everything } : route));
}

const parse = (text: string) => (text.trim() === "" ? [] : JSON.parse(text)) as (KernelRoute & { protocol?: string })[];

/** The blocks that have a route of ours now. */
export async function routedBlocks(clusterCIDRs: readonly string[]): Promise<string[]> {
  const of = async (cidr: string) => {
    const family = isIPv4(cidr) ? "-4" : "-6";
    const text = await run("ip", [family, "-json", "route", "show", "root", cidr, "proto", String(PROTOCOL)]);
    return parse(text).map(({ dst }) => (dst.includes("/") ? dst : `${dst}/${isIPv4(dst) ? 32 : 128}`));
  };
  return (await Promise.all(clusterCIDRs.map(of))).flat();
}

export async function deleteRoutes(blocks: readonly string[]): Promise<void> {
  const lines = blocks.map((block) => `route delete ${block} proto ${PROTOCOL}`);
  if (lines.length > 0) await run("ip", ["-force", "-batch", "-"], lines).catch(() => undefined); // went with their link
}

/** Makes this node's end of the tunnel, or makes it anew where it has another address. */
export async function ensureTunnel({ name, local, clusterCIDR, blocks }: Tunnel): Promise<void> {
  const id = networkIdentifier(clusterCIDR);
  const address = linkAddress(local);
  const shown = await run("ip", ["-details", "link", "show", name]).catch(() => ""); // it does not exist
  const same = [` id ${id} `, ` local ${local} `, ` ${address} `].every((part) => shown.includes(part));
  const make = `link add ${name} address ${address} type vxlan id ${id} local ${local} dstport ${PORT} nolearning`;
  await run(
    "ip",
    ["-batch", "-"],
    [
      ...(shown !== "" && !same ? [`link delete ${name}`] : []),
      ...(same ? [] : [make]),
      ...blocks.map((block) => `address replace ${tunnelAddress(block)} dev ${name}`),
      `link set ${name} up`,
    ],
  );
}

/** This end's own; no neighbour could have the same, so nobody needs to be asked. */
const tunnelAddress = (block: string) => `${firstAddress(block)}/${isIPv4(block) ? "32" : "128"}`;

export async function removeTunnel(name: string): Promise<void> {
  await run("ip", ["link", "delete", name]).catch(() => undefined); // there was none
}

export async function applyRoutes(plan: RoutePlan, tunnel: string): Promise<void> {
  // a link may go while we look: what can be set is set, and the rest is tried again
  const routes = routeCommands(plan, tunnel);
  const forwarding = forwardingCommands(plan, tunnel);
  if (routes.length > 0) await run("ip", ["-force", "-batch", "-"], routes);
  if (forwarding.length > 0) await run("bridge", ["-force", "-batch", "-"], forwarding);
}

export async function applyMasquerade(text: string): Promise<void> {
  await run("nft", ["-f", "-"], [text]);
}

/** Lets the cluster's packets pass a host whose firewall forwards nothing else; answers whether there was need to. */
export async function acceptForwarding(accepted: Accepted): Promise<boolean> {
  const change = async (program: string, ipv4: boolean) => {
    const cidrs = accepted.cidrs.filter((cidr) => isIPv4(cidr) === ipv4);
    if (cidrs.length === 0) return false;
    const listed = await run(program, ["-w", "-S", "FORWARD"]).catch(() => ""); // a host without iptables has no such rules
    const text = forwardingChange(listed, { ...accepted, cidrs });
    if (text !== "") await run(`${program}-restore`, ["-w", "--noflush"], [text]);
    return text !== "";
  };
  const changed = await Promise.all([change("iptables", true), change("ip6tables", false)]);
  return changed.includes(true);
}

function run(program: string, args: readonly string[], input: readonly string[] = []): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.slice(0, 3).join(" ")}: ${stderr.trim() || error.message}`));
      else resolve(stdout);
    });
    child.stdin?.on("error", () => {}); // it ended early: its exit code tells
    child.stdin?.end(`${input.join("\n")}\n`);
  });
}
