import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Logger } from "../util/logger.ts";
import { type PodBridge, routeBridged } from "./bridge.ts";

const BRIDGE = "/proc/sys/net/bridge/bridge-nf-call-iptables";
const BRIDGE_IPV6 = "/proc/sys/net/bridge/bridge-nf-call-ip6tables";

function set(path: string, value: string, logger: Logger): boolean {
  try {
    if (readFileSync(path, "utf8").trim() !== value) writeFileSync(path, value);
    return true;
  } catch (error) {
    logger.warn("cannot set a kernel parameter", { path, value, error });
    return false;
  }
}

/**
 * Sets what the rules need of the kernel: forwarding, and node ports on 127.0.0.1. Answers whether packets between the
 * ports of a bridge pass the IP hooks: because a module shows them, which a machine may lack, or because rules for the
 * bridge have them routed (bridge.ts).
 */
export function prepareKernel(logger: Logger, bridge?: PodBridge): { bridgeFiltered: boolean } {
  set("/proc/sys/net/ipv4/ip_forward", "1", logger);
  set("/proc/sys/net/ipv4/conf/all/route_localnet", "1", logger);
  if (!existsSync(BRIDGE)) {
    try {
      execFileSync("modprobe", ["br_netfilter"], { stdio: "ignore" });
    } catch {
      // No such module, or no modprobe: there is another way.
    }
  }
  if (existsSync(BRIDGE_IPV6)) set(BRIDGE_IPV6, "1", logger);
  if (existsSync(BRIDGE) && set(BRIDGE, "1", logger)) return { bridgeFiltered: true };
  return { bridgeFiltered: bridge !== undefined && routed(bridge, logger) };
}

function routed(bridge: PodBridge, logger: Logger): boolean {
  try {
    routeBridged(bridge);
    return true;
  } catch (error) {
    logger.warn("packets between Pods of this node cannot be looked at: no br_netfilter, no rules for bridges", {
      error,
    });
    return false;
  }
}
