import type { Random } from "../util/random.ts";
import { type FilterContext, type PodFilter, prepareFilter, refusalWithNominated } from "./filtering.ts";
import type { Unfit } from "./fitError.ts";
import type { Cluster, Plugin, Refusal, ScoreStep } from "./framework.ts";
import type { Ask, LikePods, Remembered } from "./likePods.ts";
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
  /** what is remembered of earlier Pods; undefined: nothing is */
  readonly likePods?: LikePods;
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
  const local = nominations.isEmpty ? localSums(filter, input) : undefined;
  const { feasible, refusals, next } = findFeasible(filter, context, input, local);
  if (feasible.length === 0) return unfit(refusals);
  return { nodeName: table.nameOf(best(feasible, input, local)), next };
}

/** A Pod goes first to where room was made for it, whatever else has become free. */
function nominatedNode({ pod, cluster }: CycleInput, filter: PodFilter, context: FilterContext): string | undefined {
  const name = context.nominations.nodeOf(pod.key) ?? pod.pod.status?.nominatedNodeName;
  const slot = name ? cluster.table.slotOf(name) : undefined;
  if (slot === undefined || filter.only?.has(name!) === false) return undefined;
  return refusalWithNominated(slot, filter, context) ? undefined : name;
}

/** The weighted sum of a node's local scores; negative when a local filter refuses it. */
type LocalSums = (slot: number) => number;

function localSums(filter: PodFilter, { pod, cluster, profile }: CycleInput): LocalSums | undefined {
  if (!profile.likePods) return undefined;
  const remembered: Remembered = profile.likePods.of(pod);
  const { rowVersions } = cluster.table;
  const ask = askOne(filter, localScores(pod, cluster, profile));
  return (slot) => remembered.sumAt(slot, rowVersions[slot]!, ask);
}

type WeightedStep = readonly [step: ScoreStep, weight: number];

function localScores(pod: PodFacts, cluster: Cluster, { scores }: CycleProfile): () => readonly WeightedStep[] {
  let steps: WeightedStep[] | undefined;
  return () => {
    steps ??= scores.flatMap(({ plugin, weight }): WeightedStep[] => {
      const step = plugin.isLocal ? plugin.score?.(pod, cluster) : undefined;
      return step ? [[step, weight]] : [];
    });
    return steps;
  };
}

function askOne(filter: PodFilter, scores: () => readonly WeightedStep[]): Ask {
  const slots = new Int32Array(1);
  const out = new Float64Array(1);
  return (slot) => {
    if (filter.localRefusalOf(slot)) return undefined;
    slots[0] = slot;
    let sum = 0;
    for (const [step, weight] of scores()) {
      step(slots, out);
      sum += weight * out[0]!;
    }
    return sum;
  };
}

function findFeasible(
  filter: PodFilter,
  context: FilterContext,
  { cluster, profile, start }: CycleInput,
  local: LocalSums | undefined,
) {
  const { table } = cluster;
  const refusals = new Map<number, Refusal>();
  const only = filter.only && [...filter.only].map((name) => table.slotOf(name)).filter((slot) => slot !== undefined);
  const enough = enoughNodes(only?.length ?? table.size, profile.percentageOfNodesToScore);
  const feasible = new Int32Array(enough);
  let found = 0;
  const total = only?.length ?? table.slots;
  const isPlain = context.nominations.isEmpty;
  let asked = 0;
  let at = only ? 0 : start % Math.max(1, total);
  for (; asked < total && found < enough; asked++) {
    const slot = only ? only[at]! : at;
    at = at + 1 === total ? 0 : at + 1;
    if (!table.node(slot)) continue;
    const refusal = local
      ? refusalBy(local, slot, filter)
      : isPlain
        ? filter.refusalOf(slot)
        : refusalWithNominated(slot, filter, context);
    if (refusal) refusals.set(slot, refusal);
    else feasible[found++] = slot;
  }
  return { feasible: feasible.subarray(0, found), refusals, next: only ? start : at };
}

/** A node that a local plug-in refuses is asked in full: the first to refuse says why. */
function refusalBy(local: LocalSums, slot: number, filter: PodFilter): Refusal | undefined {
  return local(slot) < 0 ? filter.refusalOf(slot) : filter.otherRefusalOf(slot);
}

/** One of the nodes with the highest weighted sum, chosen by chance among equals. */
function best(slots: Int32Array, { pod, cluster, profile, random }: CycleInput, local: LocalSums | undefined): number {
  if (slots.length === 1) return slots[0]!;
  const totals = new Float64Array(slots.length);
  if (local) for (let i = 0; i < slots.length; i++) totals[i] = local(slots[i]!);
  const scores = new Float64Array(slots.length);
  for (const { plugin, weight } of profile.scores) {
    if (local && plugin.isLocal) continue;
    const step = plugin.score?.(pod, cluster);
    if (!step) continue;
    step(slots, scores);
    for (let i = 0; i < totals.length; i++) totals[i]! += weight * scores[i]!;
  }
  return slots[anyOfTheBest(totals, random)]!;
}

function anyOfTheBest(totals: Float64Array, random: Random): number {
  let top = Number.NEGATIVE_INFINITY;
  let equals = 0;
  let last = 0;
  for (let i = 0; i < totals.length; i++) {
    if (totals[i]! < top) continue;
    equals = totals[i]! > top ? 1 : equals + 1;
    top = totals[i]!;
    last = i;
  }
  if (equals === 1) return last;
  let chosen = Math.floor(random.next() * equals);
  return totals.findIndex((total) => total === top && chosen-- === 0);
}
