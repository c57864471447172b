import type { Pod } from "../../api/core/v1/index.ts";
import { unitsOf } from "../pod/resources.ts";
import type { PodUsage } from "./usage.ts";

/** From this priority on a Pod is critical to the node or the cluster, and never ended for want of room. */
export const CRITICAL = 2_000_000_000;

export interface Candidate {
  pod: Pod;
  usage: PodUsage;
}
type Resource = "memory" | "ephemeral-storage" | "inodes" | "pids";

export const usedOf = ({ usage }: Candidate, resource: Resource): number =>
  resource === "memory" ? sum(usage.memory) : resource === "pids" ? 0 : sum(usage.disk) + sum(usage.volumes);

/** What the Pod's containers ask for together; nobody asks for inodes or processes. */
export function requestOf(pod: Pod, resource: Resource): number {
  if (resource === "inodes" || resource === "pids") return 0;
  return pod.spec.containers.reduce((all, { resources }) => all + unitsOf(resources?.requests?.[resource]), 0);
}

/**
 * The Pods that may be ended, in the order in which they are: those that use more than they asked for first, among them
 * those of less priority, among those the ones that exceed their request by most.
 */
export function rank(candidates: readonly Candidate[], resource: Resource): Candidate[] {
  const excess = (it: Candidate) => usedOf(it, resource) - requestOf(it.pod, resource);
  return candidates
    .filter(({ pod }) => (pod.spec.priority ?? 0) < CRITICAL)
    .toSorted(
      (a, b) =>
        Number(excess(b) > 0) - Number(excess(a) > 0) ||
        (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0) ||
        excess(b) - excess(a),
    );
}

const sum = (amounts: ReadonlyMap<string, number>) => [...amounts.values()].reduce((all, it) => all + it, 0);
