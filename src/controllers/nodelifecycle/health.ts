import type { Node, NodeCondition } from "../../api/core/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";

/** Conditions that nobody can vouch for once the kubelet is silent, with what is said when it never spoke. */
const VOUCHED = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

export function nodeCondition(node: Node, type: string): NodeCondition | undefined {
  return node.status.conditions?.find((condition) => condition.type === type);
}

/** The conditions of a node whose kubelet has fallen silent; the node's own when they say so already. */
export function silentConditions(node: Node, now: number): NodeCondition[] {
  const time = formatTime(now);
  const conditions = [...(node.status.conditions ?? [])];
  for (const type of VOUCHED) {
    const i = conditions.findIndex((condition) => condition.type === type);
    const known = conditions[i];
    if (!known) {
      const never = { reason: "NodeStatusNeverUpdated", message: "Kubelet never posted node status." };
      const lastHeartbeatTime = node.metadata.creationTimestamp ?? time;
      conditions.push({ type, status: "Unknown", ...never, lastHeartbeatTime, lastTransitionTime: time });
    } else if (known.status !== "Unknown") {
      const stopped = { reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
      conditions[i] = { ...known, status: "Unknown", ...stopped, lastTransitionTime: time };
    }
  }
  return conditions;
}

export function isSilent(node: Node): boolean {
  return VOUCHED.every((type) => nodeCondition(node, type)?.status === "Unknown");
}
