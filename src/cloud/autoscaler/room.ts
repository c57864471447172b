import {
  type Amounts,
  addAmounts,
  type HostPort,
  hostPortsOf,
  type Node,
  nodeAllowed,
  type Pod,
  parseAmounts,
  podRequests,
  portsClash,
  type Toleration,
  tolerates,
} from "../../api/core/v1/index.ts";
import { parseQuantity, zeroQuantity } from "../../apimachinery/quantity.ts";
import { isKeptApart } from "./affinity.ts";

/** A node, there or only thought of, with the Pods that are on it or would be. */
export interface Room {
  readonly node: Node;
  readonly pods: readonly Pod[];
  /** requests of the Pods, the Pods themselves counted as "pods" */
  readonly used: Amounts;
  readonly ports: readonly HostPort[];
}

export function emptyRoom(node: Node, reserved: Amounts = {}): Room {
  return { node, pods: [], used: reserved, ports: [] };
}

const ONE = parseQuantity("1");

export function withPod(room: Room, pod: Pod): Room {
  const used = addAmounts(room.used, { ...podRequests(pod.spec), pods: ONE });
  return { ...room, pods: [...room.pods, pod], used, ports: [...room.ports, ...hostPortsOf(pod)] };
}

/** Why the Pod cannot run there, in the scheduler's words; undefined when it can. `all` are the rooms besides. */
export function obstacle(pod: Pod, room: Room, all: readonly Room[]): string | undefined {
  const { node } = room;
  if (!nodeAllowed(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  const taint = untolerated(node, pod.spec.tolerations ?? []);
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
  const wanted = hostPortsOf(pod);
  if (wanted.some((port) => room.ports.some((taken) => portsClash(port, taken))))
    return "node(s) didn't have free ports for the requested pod ports";
  const scarce = scarceResource(pod, room);
  if (scarce) return scarce === "pods" ? "Too many pods" : `Insufficient ${scarce}`;
  if (isKeptApart(pod, room, all)) return "node(s) didn't match pod anti-affinity rules";
  return undefined;
}

function untolerated({ spec }: Node, tolerations: readonly Toleration[]) {
  const hard = (spec.taints ?? []).filter(({ effect }) => effect !== "PreferNoSchedule");
  return hard.find((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)));
}

function scarceResource(pod: Pod, { node, used }: Room): string | undefined {
  const allocatable = parseAmounts(node.status.allocatable);
  const requests: Amounts = { ...podRequests(pod.spec), pods: ONE };
  return Object.keys(requests).find((name) => {
    const amount = requests[name]!;
    if (amount.isZero()) return false;
    return (used[name] ?? zeroQuantity).add(amount).compare(allocatable[name] ?? zeroQuantity) > 0;
  });
}

/** The larger of the shares of CPU and memory that are requested. */
export function utilization({ node, used }: Room): number {
  const allocatable = parseAmounts(node.status.allocatable);
  const share = (name: string) => {
    const there = allocatable[name]?.toNumber() ?? 0;
    return there === 0 ? 0 : (used[name]?.toNumber() ?? 0) / there;
  };
  return Math.max(share("cpu"), share("memory"));
}
