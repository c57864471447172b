import type { KubeletOptions } from "../options.ts";
import { cpuShares, type PodLimits } from "../pod/resources.ts";
import type { Machine } from "./machine.ts";
import type { NodeEvent } from "./nodeEvents.ts";
import type { Reserved } from "./nodeStatus.ts";

const PERIOD = 100_000;

/** What all Pods together may use: all but what is kept back for others. */
export function podsLimits(machine: Machine, reserved: Reserved | undefined): PodLimits {
  const milliCpu = Math.max(0, Math.round(machine.cpus * 1000) - (reserved?.milliCpu ?? 0));
  const memory = Math.max(0, machine.memory - (reserved?.memory ?? 0));
  return { cpuShares: cpuShares(milliCpu), cpuPeriod: PERIOD, memory };
}

/** Holds Pods to what the node has for them; answers what there is to tell of it. */
export async function enforceAllocatable(
  { enforceAllocatable = true, reserved }: KubeletOptions,
  machine: Machine,
  bound: (limits: PodLimits) => Promise<void>,
): Promise<NodeEvent[]> {
  if (!enforceAllocatable) return [];
  try {
    await bound(podsLimits(machine, reserved));
    const message = "Updated Node Allocatable limit across pods";
    return [{ type: "Normal", reason: "NodeAllocatableEnforced", message }];
  } catch (error) {
    const message = `Failed to update Node Allocatable Limits: ${(error as Error).message}`;
    return [{ type: "Warning", reason: "FailedNodeAllocatableEnforcement", message }];
  }
}
