import type { Candidate } from "./filters.ts";
import { nodePreference } from "./nodeAffinity.ts";
import { ownerOf } from "./nodeTable.ts";
import { disliked } from "./taints.ts";

/** Ranks the nodes that passed the filters. `raw` is any number; `normalise` brings all nodes' into 0…100. */
export interface ScorePlugin {
  readonly name: string;
  readonly weight: number;
  raw(candidate: Candidate): number;
  normalise?(scores: Float64Array): void;
}

/** Scales so that the best gets 100; with `reverse`, the lowest is the best. */
function scale(scores: Float64Array, reverse: boolean): void {
  const top = scores.reduce((most, score) => Math.max(most, score), 0);
  for (let i = 0; i < scores.length; i++) {
    const share = top === 0 ? 0 : (scores[i]! * 100) / top;
    scores[i] = reverse ? 100 - share : share;
  }
}

function freeShares({ demand, table, slot }: Candidate): { cpu: number; memory: number } {
  const share = (wanted: number, resource: string) => {
    const allocatable = table.column(resource)?.allocatable[slot] ?? 0;
    return allocatable === 0 ? 0 : Math.max(0, (allocatable - wanted) / allocatable);
  };
  return {
    cpu: share(table.scoredCpu[slot]! + demand.scoredCpu, "cpu"),
    memory: share(table.scoredMemory[slot]! + demand.scoredMemory, "memory"),
  };
}

const leastAllocated: ScorePlugin = {
  name: "NodeResourcesFit",
  weight: 1,
  raw(candidate) {
    const free = freeShares(candidate);
    return Math.floor((100 * free.cpu + 100 * free.memory) / 2);
  },
};

const balancedAllocation: ScorePlugin = {
  name: "NodeResourcesBalancedAllocation",
  weight: 1,
  raw(candidate) {
    const free = freeShares(candidate);
    return Math.floor(100 * (1 - Math.abs(free.cpu - free.memory) / 2));
  },
};

const preferredAffinity: ScorePlugin = {
  name: "NodeAffinity",
  weight: 2,
  raw: ({ pod, node }) => nodePreference(pod, node),
  normalise: (scores) => scale(scores, false),
};

const preferredTaints: ScorePlugin = {
  name: "TaintToleration",
  weight: 3,
  raw: ({ pod, node }) => disliked(pod, node.spec.taints ?? []),
  normalise: (scores) => scale(scores, true),
};

/** Spreads the Pods of one controller over the nodes. */
const spread: ScorePlugin = {
  name: "PodTopologySpread",
  weight: 2,
  raw({ pod, table, node }) {
    const owner = ownerOf(pod);
    return owner ? table.ownedOn(owner, node.metadata.name!) : 0;
  },
  normalise: (scores) => scale(scores, true),
};

const imageLocality: ScorePlugin = {
  name: "ImageLocality",
  weight: 1,
  raw({ pod, node }) {
    const images = node.status.images ?? [];
    if (images.length === 0) return 0;
    const present = pod.spec.containers.filter((container) =>
      images.some((image) => image.names?.some((name) => name === container.image)),
    );
    return (100 * present.length) / pod.spec.containers.length;
  },
};

export const scorePlugins: readonly ScorePlugin[] = [
  leastAllocated,
  balancedAllocation,
  preferredAffinity,
  preferredTaints,
  spread,
  imageLocality,
];
