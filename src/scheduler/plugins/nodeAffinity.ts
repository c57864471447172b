import type { NodeAffinity, Pod } from "../../api/core/v1/index.ts";
import { labelsChanged } from "../clusterEvents.ts";
import { type FilterStep, normalize, type Plugin, type Refusal } from "../framework.ts";
import type { PodFacts } from "../podFacts.ts";
import { choosesNodes, namedNodes, nodeAllowed, preference, selectorMatches } from "./nodeSelection.ts";

export interface NodeAffinityArgs {
  /** what the scheduler's operator adds to every Pod's own wishes */
  addedAffinity?: NodeAffinity;
}

const name = "NodeAffinity";
const refusal = (reason: string): Refusal => ({ plugin: name, reasons: [reason], isFinal: true });
const ADDED = refusal("node(s) didn't match scheduler-enforced node affinity");
const OWN = refusal("node(s) didn't match Pod's node affinity/selector");
const CONFLICT = refusal("pod affinity terms conflict");

export function nodeAffinity({ addedAffinity }: NodeAffinityArgs): Plugin {
  const required = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const addedTerms = addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const refuses = (pod: Pod, node: Parameters<typeof nodeAllowed>[1]) =>
    required && !selectorMatches(required, node) ? ADDED : nodeAllowed(pod, node) ? undefined : OWN;
  return {
    name,
    filter({ pod }: PodFacts, { table }): FilterStep | undefined {
      if (!required && !choosesNodes(pod)) return undefined;
      const only = namedNodes(pod);
      if (only?.length === 0) return { refused: CONFLICT };
      return { only, refuse: (slot) => refuses(pod, table.node(slot)!) };
    },
    score({ pod }, { table }) {
      const own = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
      const terms = [...own, ...addedTerms];
      if (terms.length === 0) return undefined;
      return (slots, out) => {
        for (let i = 0; i < slots.length; i++) out[i] = preference(terms, table.node(slots[i]!)!);
        normalize(out, false);
      };
    },
    hint: (pod, event) => event.resource === "Node" && labelsChanged(event) && !refuses(pod, event.new!),
  };
}
