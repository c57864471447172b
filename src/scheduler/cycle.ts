import type { Pod } from "../api/core/v1/index.ts";
import type { Random } from "../util/random.ts";
import { type Candidate, filterPlugins } from "./filters.ts";
import type { NodeTable } from "./nodeTable.ts";
import type { PodDemand } from "./podDemand.ts";
import { scorePlugins } from "./scores.ts";

/** What one scheduling cycle decides: a node, or why there is none. */
export type Decision = { readonly nodeName: string } | { readonly unschedulable: string };

/** How many feasible nodes are enough to score: all of a small cluster, a falling share of a large one. */
export function enoughNodes(nodes: number): number {
  if (nodes <= 100) return nodes;
  const percent = Math.max(5, 50 - Math.floor(nodes / 125));
  return Math.max(100, Math.floor((nodes * percent) / 100));
}

/**
 * Decides where a Pod runs: filters, then scores. Changes nothing. `start` is the slot at which looking begins, so that
 * successive cycles do not all favour the first nodes of a large cluster.
 */
export function decide(options: {
  pod: Pod;
  demand: PodDemand;
  table: NodeTable;
  random: Random;
  start?: number;
}): Decision {
  const { table, random } = options;
  if (table.size === 0) return { unschedulable: "no nodes available to schedule pods" };
  const { feasible, reasons } = filter(options);
  if (feasible.length === 0) return { unschedulable: explain(table.size, reasons) };
  if (feasible.length === 1) return { nodeName: feasible[0]!.node.metadata.name! };
  return { nodeName: best(feasible, random).node.metadata.name! };
}

function filter({ pod, demand, table, start = 0 }: { pod: Pod; demand: PodDemand; table: NodeTable; start?: number }) {
  const feasible: Candidate[] = [];
  const reasons = new Map<string, number>();
  const enough = enoughNodes(table.size);
  for (let i = 0; i < table.slots && feasible.length < enough; i++) {
    const slot = (start + i) % table.slots;
    const node = table.node(slot);
    if (!node) continue;
    const candidate = { pod, demand, table, slot, node };
    const refusal = refusalOf(candidate);
    if (refusal.length === 0) feasible.push(candidate);
    for (const reason of refusal) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return { feasible, reasons };
}

function refusalOf(candidate: Candidate): readonly string[] {
  for (const plugin of filterPlugins) {
    const reasons = plugin.refuse(candidate);
    if (reasons.length > 0) return reasons;
  }
  return [];
}

/** One of the candidates with the highest weighted sum, chosen by chance among equals. */
function best(candidates: readonly Candidate[], random: Random): Candidate {
  const totals = new Float64Array(candidates.length);
  for (const plugin of scorePlugins) {
    const scores = Float64Array.from(candidates, (candidate) => plugin.raw(candidate));
    plugin.normalise?.(scores);
    for (let i = 0; i < scores.length; i++) totals[i]! += plugin.weight * scores[i]!;
  }
  const top = totals.reduce((most, total) => Math.max(most, total), 0);
  const winners = candidates.filter((_, i) => totals[i] === top);
  return winners[Math.floor(random.next() * winners.length)]!;
}

/** "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable." */
export function explain(nodes: number, reasons: ReadonlyMap<string, number>): string {
  const parts = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${nodes} nodes are available: ${parts.join(", ")}.`;
}
