import type { Logger } from "../util/logger.ts";
import { CommandError, run } from "./nft.ts";
import { familyOf, type ServicePlan, type UdpEntry, udpEntries } from "./plan.ts";

/**
 * Conntrack remembers where a UDP flow went, and keeps it there as long as packets come: a client that always uses one
 * port would talk to a vanished endpoint for ever. These are the `conntrack -D` arguments for flows that must be forgotten
 * when rules change from `old` to `next`.
 */
export function staleFlows(old: ServicePlan | undefined, next: ServicePlan | undefined): string[][] {
  const before = new Map(udpEntries(old ?? []).map((entry) => [nameOf(entry), entry]));
  const commands: string[][] = [];
  for (const entry of udpEntries(next ?? [])) {
    const known = before.get(nameOf(entry));
    before.delete(nameOf(entry));
    // Flows from the time without an endpoint went to nobody, translated to nothing.
    if (!known?.serving.size && entry.serving.size > 0) commands.push(flowsOf(entry));
    else if (known) commands.push(...lost(known, entry.serving));
  }
  for (const entry of before.values()) commands.push(...lost(entry, new Set()));
  return commands;
}

const nameOf = ({ ip, port }: UdpEntry) => `${ip ?? "*"} ${port}`;

function flowsOf({ ip, port }: UdpEntry): string[] {
  const address = ip === undefined ? [] : ["-f", familyOf(ip) === "ip" ? "ipv4" : "ipv6", "--orig-dst", ip];
  return ["-D", "-p", "udp", ...address, "--orig-port-dst", String(port)];
}

function lost(entry: UdpEntry, serving: ReadonlySet<string>): string[][] {
  return [...entry.serving]
    .filter((ip) => !serving.has(ip))
    .map((ip) => {
      const family = entry.ip === undefined ? ["-f", familyOf(ip) === "ip" ? "ipv4" : "ipv6"] : [];
      return [...flowsOf(entry), ...family, "--dst-nat", ip];
    });
}

export async function forgetFlows(commands: readonly string[][], logger: Logger): Promise<void> {
  for (const args of commands) {
    try {
      await run("conntrack", args);
    } catch (error) {
      // It fails with 1 when there was no such flow, which is as good.
      if (!(error instanceof CommandError && error.code === 1)) logger.warn("UDP flows may be stale", { error });
    }
  }
}
