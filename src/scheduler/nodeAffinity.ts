import { type Node, nodeSelectorTermMatches, type Pod } from "../api/core/v1/index.ts";

export { nodeAllowed } from "../api/core/v1/index.ts";

/** The sum of the weights of the preferred terms that the node meets. */
export function nodePreference(pod: Pod, node: Node): number {
  let sum = 0;
  for (const term of pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
    const empty = !term.preference.matchExpressions?.length && !term.preference.matchFields?.length;
    if (empty || nodeSelectorTermMatches(term.preference, node)) sum += term.weight;
  }
  return sum;
}
