import type { Random } from "../util/random.ts";
import { type FilterContext, type PodFilter, prepareFilter, refusalWithNominated } from "./filtering.ts";
import type { Unfit } from "./fitError.ts";
import type { Cluster, Plugin, Refusal } from "./framework.ts";
import type { Nominations } from "./nominations.ts";
import type { PodFacts } from "./podFacts.ts";

/** What one scheduling cycle decides: a node, or why there is none. `next`: the slot where the next cycle begins. */
export type Decision = { readonly next: number } & (
  | { readonly nodeName: string }
  | { readonly unfit: Unfit }
  | { readonly noNodes: true }
);

/** What a cycle needs of a profile. */
export interface CycleProfile {
  readonly filters: readonly Plugin[];
  readonly scores: readonly { readonly plugin: Plugin; readonly weight: number }[];
  /** how many percent of the nodes are enough to choose among; 0: by the cluster's size */
  readonly percentageOfNodesToScore: number;
}

export interface CycleInput {
  readonly pod: PodFacts;
  readonly cluster: Cluster;
  readonly profile: CycleProfile;
  readonly nominations: Nominations;
  readonly random: Random;
  /** the slot at which looking begins, so that successive cycles do not all favour the first nodes */
  readonly start: number;
}

/** How many feasible nodes are enough to score: all of a small cluster, a falling share of a large one. */
export function enoughNodes(nodes: number, percentage = 0): number {
  if (nodes < 100 || percentage >= 100) return nodes;
  const percent = percentage > 0 ? percentage : Math.max(5, 50 - Math.floor(nodes / 125));
  return Math.max(100, Math.floor((nodes * percent) / 100));
}

/** Decides where a Pod runs: filters, then scores. Changes nothing. */
export function decide(input: CycleInput): Decision {
  const { pod, cluster, profile, nominations, start } = input;
  const { table } = cluster;
  if (table.size === 0) return { noNodes: true, next: 0 };
  const filter = prepareFilter(profile.filters, pod, cluster);
  const unfit = (refusals: ReadonlyMap<number, Refusal>): Decision => {
    return { unfit: { nodes: table.size, refusals, others: filter.others, everywhere: filter.refused }, next: start };
  };
  if (filter.refused) return unfit(new Map());
  const context = { plugins: profile.filters, pod, cluster, nominations };
  const nominated = nominatedNode(input, filter, context);
  if (nominated !== undefined) return { nodeName: nominated, next: start };
  const { feasible, refusals, next } = findFeasible(filter, context, input);
  if (feasible.length === 0) return unfit(refusals);
  return { nodeName: table.nameOf(best(feasible, input)), next };
}

/** A Pod goes first to where room was made for it, whatever else has become free. */
function nominatedNode({ pod, cluster }: CycleInput, filter: PodFilter, context: FilterContext): string | undefined {
  const name = context.nominations.nodeOf(pod.key) ?? pod.pod.status?.nominatedNodeName;
  const slot = name ? cluster.table.slotOf(name) : undefined;
  if (slot === undefined || filter.only?.has(name!) === false) return undefined;
  return refusalWithNominated(slot, filter, context) ? undefined : name;
}

function findFeasible(filter: PodFilter, context: FilterContext, { cluster, profile, start }: CycleInput) {
  const { table } = cluster;
  const refusals = new Map<number, Refusal>();
  const only = filter.only && [...filter.only].map((name) => table.slotOf(name)).filter((slot) => slot !== undefined);
  const enough = enoughNodes(only?.length ?? table.size, profile.percentageOfNodesToScore);
  const feasible: number[] = [];
  const total = only?.length ?? table.slots;
  const isPlain = context.nominations.isEmpty;
  let asked = 0;
  let at = only ? 0 : start % Math.max(1, total);
  for (; asked < total && feasible.length < enough; asked++) {
    const slot = only ? only[at]! : at;
    at = at + 1 === total ? 0 : at + 1;
    if (!table.node(slot)) continue;
    const refusal = isPlain ? filter.refusalOf(slot) : refusalWithNominated(slot, filter, context);
    if (refusal) refusals.set(slot, refusal);
    else feasible.push(slot);
  }
  return { feasible, refusals, next: only ? start : at };
}

/** One of the nodes with the highest weighted sum, chosen by chance among equals. */
function best(feasible: readonly number[], { pod, cluster, profile, random }: CycleInput): number {
  if (feasible.length === 1) return feasible[0]!;
  const slots = new Int32Array(feasible);
  const totals = new Float64Array(slots.length);
  const scores = new Float64Array(slots.length);
  for (const { plugin, weight } of profile.scores) {
    const step = plugin.score?.(pod, cluster);
    if (!step) continue;
    step(slots, scores);
    for (let i = 0; i < totals.length; i++) totals[i]! += weight * scores[i]!;
  }
  let top = Number.NEGATIVE_INFINITY;
  let winner = 0;
  let equals = 0;
  for (let i = 0; i < totals.length; i++) {
    if (totals[i]! > top) {
      top = totals[i]!;
      winner = i;
      equals = 1;
    } else if (totals[i] === top && random.next() * ++equals < 1) winner = i;
  }
  return slots[winner]!;
}
