import type { Refusal } from "./framework.ts";

/** Why a Pod found no node. */
export interface Unfit {
  /** how many nodes there are */
  readonly nodes: number;
  /** what refused each node that was asked, by slot */
  readonly refusals: ReadonlyMap<number, Refusal>;
  /** what is said of nodes that were not even asked */
  readonly others: string | undefined;
  /** All nodes were refused at once, before any was asked. */
  readonly everywhere: Refusal | undefined;
}

/** "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable." */
export function explain({ nodes, refusals, others, everywhere }: Unfit, more?: string): string {
  const parts = [`0/${nodes} nodes are available:`];
  if (everywhere) parts.push(`${everywhere.reasons.join(", ")}.`);
  else {
    const counts = countReasons(refusals);
    const absent = nodes - refusals.size;
    if (others !== undefined && absent > 0) counts.set(others, (counts.get(others) ?? 0) + absent);
    const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
    if (reasons.length > 0) parts.push(`${reasons.join(", ")}.`);
  }
  if (more) parts.push(more);
  return parts.join(" ");
}

/** Refusals are mostly the same few objects; each is counted first, and spelt out once. */
function countReasons(refusals: ReadonlyMap<number, Refusal>): Map<string, number> {
  const same = new Map<Refusal, number>();
  for (const refusal of refusals.values()) same.set(refusal, (same.get(refusal) ?? 0) + 1);
  const counts = new Map<string, number>();
  for (const [{ reasons }, count] of same) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  return counts;
}

/** The plug-ins that stood in the way: only what concerns one of them can help. */
export function refusingPlugins({ refusals, everywhere }: Unfit): Set<string> {
  if (everywhere) return new Set([everywhere.plugin]);
  const plugins = new Set<string>();
  for (const { plugin } of refusals.values()) plugins.add(plugin);
  return plugins;
}
