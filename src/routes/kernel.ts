import { execFile } from "node:child_process";
import { firstAddress, type KernelRoute, linkAddress, networkIdentifier, type RoutePlan } from "./plan.ts";

/** Marks routes as ours; a number that no routing daemon of iproute2's list has. */
const PROTOCOL = 199;
/** IANA's port for VXLAN */
const PORT = 4789;

export interface Tunnel {
  /** name of the link */
  name: string;
  /** address of this node */
  local: string;
  clusterCIDR: string;
  /** of this node's Pods */
  block: string;
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
export function masqueradeRules(table: string, blocks: readonly string[], clusterCIDR: string): string {
  return `add table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain postrouting {
    type nat hook postrouting priority 101; policy accept;
    ip saddr { ${blocks.join(", ")} } ip daddr != { ${clusterCIDR}, 224.0.0.0/4 } masquerade fully-random
  }
}
`;
}

/** The kernel's routes that are not ours. */
export async function foreignRoutes(): Promise<KernelRoute[]> {
  const routes = parse(await run("ip", ["-Numeric", "-json", "-4", "route", "show", "table", "main"]));
  return routes.filter(({ protocol }) => protocol !== String(PROTOCOL));
}

const parse = (text: string) => (text.trim() === "" ? [] : JSON.parse(text)) as (KernelRoute & { protocol?: string })[];

/** The blocks that have a route of ours now. */
export async function routedBlocks(clusterCIDR: string): Promise<string[]> {
  const text = await run("ip", ["-json", "route", "show", "root", clusterCIDR, "proto", String(PROTOCOL)]);
  return parse(text).map(({ dst }) => (dst.includes("/") ? dst : `${dst}/32`));
}

export async function deleteRoutes(blocks: readonly string[]): Promise<void> {
  const lines = blocks.map((block) => `route delete ${block} proto ${PROTOCOL}`);
  if (lines.length > 0) await run("ip", ["-force", "-batch", "-"], lines).catch(() => undefined); // went with their link
}

/** Makes this node's end of the tunnel, or makes it anew where it has another address. */
export async function ensureTunnel({ name, local, clusterCIDR, block }: Tunnel): Promise<void> {
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
      `address replace ${firstAddress(block)}/32 dev ${name}`,
      `link set ${name} up`,
    ],
  );
}

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
