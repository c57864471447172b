/** Which nodes a Pod allows: the scheduler, DaemonSets and volumes ask alike. */
import type { NodeSelector, NodeSelectorTerm } from "./affinity.ts";
import type { Node } from "./node.ts";
import type { PodSpec } from "./podSpec.ts";

interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

function holds({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
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
export function nodeSelectorTermMatches(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    expressions.every((expression) => holds(expression, labels[expression.key])) &&
    fields.every((field) => holds(field, field.key === "metadata.name" ? node.metadata.name : undefined))
  );
}

export function nodeSelectorMatches(selector: NodeSelector, node: Node): boolean {
  return selector.nodeSelectorTerms.some((term) => nodeSelectorTermMatches(term, node));
}

/** Whether the node is one that the Pod's nodeSelector and required node affinity allow. */
export function nodeAllowed({ spec }: { spec: PodSpec }, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const wanted = spec.nodeSelector;
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || nodeSelectorMatches(required, node);
}
