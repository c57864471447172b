import type { Node, NodeSelector, NodeSelectorTerm, Pod } from "../api/core/v1/index.ts";

interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

function holds(requirement: Requirement, value: string | undefined): boolean {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return isInteger(value) && isInteger(values[0]) && BigInt(value) > BigInt(values[0]);
    case "Lt":
      return isInteger(value) && isInteger(values[0]) && BigInt(value) < BigInt(values[0]);
    default:
      return false;
  }
}

function isInteger(text: string | undefined): text is string {
  return text !== undefined && /^-?\d+$/.test(text);
}

/** A term holds when all its expressions do; an empty term never holds. */
export function termMatches(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    expressions.every((expression) => holds(expression, labels[expression.key])) &&
    fields.every((field) => holds(field, field.key === "metadata.name" ? node.metadata.name : undefined))
  );
}

function selectorMatches(selector: NodeSelector, node: Node): boolean {
  return selector.nodeSelectorTerms.some((term) => termMatches(term, node));
}

/** Whether the node is one that the Pod's nodeSelector and required node affinity allow. */
export function nodeAllowed(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {})) if (labels[key] !== value) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || selectorMatches(required, node);
}

/** The sum of the weights of the preferred terms that the node meets. */
export function nodePreference(pod: Pod, node: Node): number {
  let sum = 0;
  for (const term of pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
    const empty = !term.preference.matchExpressions?.length && !term.preference.matchFields?.length;
    if (empty || termMatches(term.preference, node)) sum += term.weight;
  }
  return sum;
}
