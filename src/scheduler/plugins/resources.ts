import type { NodeTable } from "../nodeTable.ts";
import type { PodFacts } from "../podFacts.ts";

/** A resource that scores look at, and how much it matters. */
export interface ResourceWeight {
  name: string;
  weight: number;
}

export const CPU_AND_MEMORY: readonly ResourceWeight[] = [
  { name: "cpu", weight: 1 },
  { name: "memory", weight: 1 },
];

const NATIVE = new Set(["cpu", "memory", "ephemeral-storage", "pods"]);

/** What of one resource all nodes have, what is taken, and what this Pod adds. */
export interface Share {
  readonly allocatable: Float64Array;
  readonly requested: Float64Array;
  readonly wanted: number;
  readonly weight: number;
}

/**
 * The columns that a score is computed from. `floored` counts Pods that ask for nothing as if they asked for a little.
 * Resources that no node has are left out, and extended ones that the Pod does not ask for.
 */
export function sharesOf(
  pod: PodFacts,
  table: NodeTable,
  { resources, floored }: { resources: readonly ResourceWeight[]; floored: boolean },
): Share[] {
  return resources.flatMap(({ name, weight }) => {
    const column = table.column(name);
    const asked = pod.requests.get(name) ?? 0;
    if (!column || (asked === 0 && !NATIVE.has(name))) return [];
    const { allocatable } = column;
    if (floored && name === "cpu") return [{ allocatable, requested: table.scoredCpu, wanted: pod.scoredCpu, weight }];
    if (floored && name === "memory") {
      return [{ allocatable, requested: table.scoredMemory, wanted: pod.scoredMemory, weight }];
    }
    return [{ allocatable, requested: column.requested, wanted: asked, weight }];
  });
}
