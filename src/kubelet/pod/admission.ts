import { type HostPort, hostPortsOf, type Pod, portsClash, tolerates } from "../../api/core/v1/index.ts";
import { CRITICAL } from "../eviction/rank.ts";
import type { Pressure } from "../eviction/signals.ts";
import { type Amounts, judgeResize } from "./resize.ts";
import { qosClass } from "./resources.ts";

/** Settings of a Pod's own namespaces that cannot harm its neighbours; the documentation of sysctls lists the same. */
const SAFE_SYSCTLS = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
]);

export interface Refusal {
  reason: string;
  message: string;
}

export interface NodeRoom {
  capacity: Amounts;
  /** what all other Pods ask for */
  others: Amounts;
  /** of the node, that they have */
  ports: readonly HostPort[];
  pressures: ReadonlySet<Pressure>;
}

/** Why this node will not begin to run a Pod, if it will not: the Pod fails, and its owner makes another. Pure. */
export function refusalOf(pod: Pod, room: NodeRoom): Refusal | undefined {
  return (
    pressureRefusal(pod, room.pressures) ??
    sysctlRefusal(pod) ??
    roomRefusal(pod, room.capacity, room.others) ??
    portRefusal(pod, room.ports)
  );
}

const MEMORY_TAINT = { key: "node.kubernetes.io/memory-pressure", effect: "NoSchedule" } as const;

/** A node under pressure takes critical Pods only; when it is memory alone, also those that asked for theirs. */
function pressureRefusal(pod: Pod, pressures: ReadonlySet<Pressure>): Refusal | undefined {
  if (pressures.size === 0 || (pod.spec.priority ?? 0) >= CRITICAL) return undefined;
  if (pressures.size === 1 && pressures.has("MemoryPressure")) {
    const tolerated = (pod.spec.tolerations ?? []).some((it) => tolerates(it, MEMORY_TAINT));
    if (tolerated || qosClass(pod) !== "BestEffort") return undefined;
  }
  return { reason: "Evicted", message: `The node had condition: [${[...pressures].join(" ")}]. ` };
}

function sysctlRefusal({ spec }: Pod): Refusal | undefined {
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const dotted = name.replaceAll("/", ".");
    const why = !SAFE_SYSCTLS.has(dotted)
      ? "not allowlisted"
      : spec.hostNetwork && dotted.startsWith("net.")
        ? "not allowed with host net enabled"
        : spec.hostIPC && dotted.startsWith("kernel.")
          ? "not allowed with host ipc enabled"
          : undefined;
    if (why) return { reason: "SysctlForbidden", message: `forbidden sysctl: ${JSON.stringify(name)} ${why}` };
  }
  return undefined;
}

/** Only a Pod that came past the scheduler can find the node full. */
function roomRefusal(pod: Pod, capacity: Amounts, others: Amounts): Refusal | undefined {
  const verdict = judgeResize(pod, capacity, others);
  if (verdict.is === "accepted") return undefined;
  return { reason: `OutOf${verdict.resource}`, message: verdict.message };
}

/** The same: two Pods cannot both have a port of the node. */
function portRefusal(pod: Pod, taken: readonly HostPort[]): Refusal | undefined {
  if (!hostPortsOf(pod).some((port) => taken.some((other) => portsClash(port, other)))) return undefined;
  const why = "node(s) didn't have free ports for the requested pod ports";
  return { reason: "NodePorts", message: `Predicate NodePorts failed: ${why}` };
}
