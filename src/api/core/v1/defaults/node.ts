import type { NodeSpec } from "../nodeSpec.ts";
import type { NodeStatus } from "../nodeStatus.ts";
import { resourceListDefaults } from "./container.ts";

export function nodeDefaults({ spec, status }: { spec: NodeSpec; status: NodeStatus }): void {
  // `podCIDR` and the first of `podCIDRs` are the same fact; `podCIDR` wins where they differ
  if (spec.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR];
  else if (!spec.podCIDR && spec.podCIDRs?.[0] !== undefined) spec.podCIDR = spec.podCIDRs[0];
  resourceListDefaults(status?.capacity);
  if (status?.capacity !== undefined) status.allocatable ??= { ...status.capacity };
  resourceListDefaults(status?.allocatable);
}
