import {
  type Node,
  type NodeSelector,
  nodeSelectorTermMatches,
  type Pod,
  type PreferredSchedulingTerm,
} from "../../api/core/v1/index.ts";

export { nodeAllowed } from "../../api/core/v1/index.ts";

export function selectorMatches(selector: NodeSelector, node: Node): boolean {
  return selector.nodeSelectorTerms.some((term) => nodeSelectorTermMatches(term, node));
}

/** Whether the Pod asks for certain nodes at all. */
export function choosesNodes({ spec }: Pod): boolean {
  return (
    Object.keys(spec.nodeSelector ?? {}).length > 0 ||
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined
  );
}

/** The sum of the weights of the preferred terms that the node meets. */
export function preference(terms: readonly PreferredSchedulingTerm[], node: Node): number {
  let sum = 0;
  for (const term of terms) {
    const empty = !term.preference.matchExpressions?.length && !term.preference.matchFields?.length;
    if (empty || nodeSelectorTermMatches(term.preference, node)) sum += term.weight;
  }
  return sum;
}

/** The nodes that the required affinity names one by one; undefined when it does not name them in every term. */
export function namedNodes({ spec }: Pod): readonly string[] | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (!terms || terms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const lists = matchFields.filter(({ key, operator }) => key === "metadata.name" && operator === "In");
    if (lists.length === 0) return undefined;
    const [first, ...others] = lists.map(({ values = [] }) => values);
    for (const name of first!) if (others.every((values) => values.includes(name))) names.add(name);
  }
  return [...names];
}
