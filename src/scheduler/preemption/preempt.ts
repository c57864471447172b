import type { Pod } from "../../api/core/v1/index.ts";
import type { PodDisruptionBudget } from "../../api/policy/v1/index.ts";
import type { Random } from "../../util/random.ts";
import type { FilterContext } from "../filtering.ts";
import { explain, type Unfit } from "../fitError.ts";
import type { Refusal } from "../framework.ts";
import { type Candidate, chooseCandidate } from "./choose.ts";
import { selectVictims } from "./victims.ts";

export interface PreemptionArgs {
  /** of how many nodes at least room is looked for, in percent of those where it could be made */
  minCandidateNodesPercentage?: number;
  minCandidateNodesAbsolute?: number;
}

/** Whom to make room for where, or why not. */
export type Preemption = Candidate | { readonly message: string; readonly keepsNomination: boolean };

const NOT_HELPFUL = "Preemption is not helpful for scheduling";

/** Decides whether less important Pods shall leave a node so that this one fits. Changes nothing. */
export function preempt(
  context: FilterContext,
  unfit: Unfit,
  options: { budgets: readonly PodDisruptionBudget[]; args: PreemptionArgs; random: Random },
): Preemption {
  const ineligible = whyIneligible(context, unfit);
  if (ineligible) return { message: `preemption: ${ineligible}`, keepsNomination: true };
  const { candidates, refusals } = findCandidates(context, unfit, options);
  const chosen = chooseCandidate(candidates);
  if (chosen) return chosen;
  const message = explain({ nodes: unfit.nodes, refusals, others: NOT_HELPFUL, everywhere: undefined });
  return { message: `preemption: ${message}`, keepsNomination: false };
}

function whyIneligible({ pod, cluster, nominations }: FilterContext, { refusals }: Unfit): string | undefined {
  if (pod.pod.spec.preemptionPolicy === "Never") return "not eligible due to preemptionPolicy=Never.";
  const nominated = nominations.nodeOf(pod.key) ?? pod.pod.status?.nominatedNodeName;
  const slot = nominated ? cluster.table.slotOf(nominated) : undefined;
  if (slot === undefined || refusals.get(slot)?.isFinal) return undefined;
  for (const { facts } of cluster.table.podsOn(nominated!).values()) {
    if (facts.priority < pod.priority && isBeingPreempted(facts.pod)) {
      return "not eligible due to a terminating pod on the nominated node.";
    }
  }
  return undefined;
}

function isBeingPreempted({ metadata, status }: Pod): boolean {
  if (!metadata.deletionTimestamp) return false;
  const target = status?.conditions?.find(({ type }) => type === "DisruptionTarget");
  return target?.status === "True" && target.reason === "PreemptionByScheduler";
}

function findCandidates(
  context: FilterContext,
  { refusals: refused, everywhere }: Unfit,
  { budgets, args, random }: Parameters<typeof preempt>[2],
) {
  const candidates: Candidate[] = [];
  const refusals = new Map<number, Refusal>();
  const hopeful = everywhere ? [] : [...refused].filter(([, { isFinal }]) => !isFinal).map(([slot]) => slot);
  const enough = enoughCandidates(hopeful.length, args);
  const offset = Math.floor(random.next() * hopeful.length);
  let harmless = 0;
  for (let i = 0; i < hopeful.length; i++) {
    const slot = hopeful[(offset + i) % hopeful.length]!;
    const found = selectVictims(slot, context, budgets);
    if ("plugin" in found) {
      refusals.set(slot, found);
      continue;
    }
    candidates.push({ nodeName: context.cluster.table.nameOf(slot), victims: found });
    if (found.violations === 0) harmless++;
    if (harmless > 0 && candidates.length >= enough) break;
  }
  return { candidates, refusals };
}

function enoughCandidates(nodes: number, args: PreemptionArgs): number {
  const { minCandidateNodesPercentage = 10, minCandidateNodesAbsolute = 100 } = args;
  const share = Math.floor((nodes * minCandidateNodesPercentage) / 100);
  return Math.min(nodes, Math.max(share, minCandidateNodesAbsolute));
}
