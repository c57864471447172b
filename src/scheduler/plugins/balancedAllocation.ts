import type { Plugin } from "../framework.ts";
import { CPU_AND_MEMORY, type ResourceWeight, type Share, sharesOf } from "./resources.ts";

export interface BalancedAllocationArgs {
  resources?: readonly ResourceWeight[];
}

/** Prefers nodes whose resources are used to equal shares. Pods that ask for nothing have nothing to balance. */
export function balancedAllocation({ resources = CPU_AND_MEMORY }: BalancedAllocationArgs): Plugin {
  return {
    name: "NodeResourcesBalancedAllocation",
    isLocal: true,
    score(pod, { table }) {
      if (!resources.some(({ name }) => (pod.requests.get(name) ?? 0) > 0)) return undefined;
      const shares = sharesOf(pod, table, { resources, floored: false });
      const [first, second] = shares;
      if (shares.length === 2) return (slots, out) => pairScores(first!, second!, slots, out);
      const fractions = new Float64Array(shares.length);
      return (slots, out) => {
        for (let i = 0; i < slots.length; i++) {
          const slot = slots[i]!;
          let count = 0;
          for (const { allocatable, requested, wanted } of shares) {
            const has = allocatable[slot]!;
            if (has > 0) fractions[count++] = Math.min(1, (requested[slot]! + wanted) / has);
          }
          out[i] = Math.trunc((1 - deviation(fractions, count)) * 100);
        }
      };
    },
  };
}

/** What nearly all Pods are asked: two resources, so half of how far their shares lie apart. */
function pairScores(a: Share, b: Share, slots: Int32Array, out: Float64Array): void {
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i]!;
    const hasA = a.allocatable[slot]!;
    const hasB = b.allocatable[slot]!;
    if (hasA > 0 && hasB > 0) {
      const usedA = Math.min(1, (a.requested[slot]! + a.wanted) / hasA);
      const usedB = Math.min(1, (b.requested[slot]! + b.wanted) / hasB);
      out[i] = Math.trunc((1 - Math.abs(usedA - usedB) / 2) * 100);
    } else out[i] = 100;
  }
}

function deviation(fractions: Float64Array, count: number): number {
  if (count < 2) return 0;
  if (count === 2) return Math.abs(fractions[0]! - fractions[1]!) / 2;
  let mean = 0;
  for (let i = 0; i < count; i++) mean += fractions[i]! / count;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (fractions[i]! - mean) ** 2;
  return Math.sqrt(sum / count);
}
