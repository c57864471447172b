import type { PodDisruptionBudget } from "../../api/policy/v1/index.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { parseTime } from "../../apimachinery/time.ts";
import { type FilterContext, prepareFilter, refusalWithNominated } from "../filtering.ts";
import type { Refusal } from "../framework.ts";
import type { PodFacts } from "../podFacts.ts";

/** The Pods that must leave a node, the most important first. */
export interface Victims {
  readonly pods: readonly PodFacts[];
  /** how many of them a disruption budget would protect */
  readonly violations: number;
}

export const startOf = ({ pod }: PodFacts): number =>
  pod.status?.startTime ? parseTime(pod.status.startTime) : Number.POSITIVE_INFINITY;

/** The higher priority first, then who has run longest. */
export const byImportance = (a: PodFacts, b: PodFacts): number =>
  b.priority - a.priority || compare(startOf(a), startOf(b));
const compare = (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0);

const NOBODY: Refusal = {
  plugin: "DefaultPreemption",
  reasons: ["No preemption victims found for incoming pod"],
  isFinal: true,
};

/**
 * The fewest Pods that must leave a node for this one to fit: all less important ones are taken away, and given back one
 * by one, those first that a budget protects. Leaves the table as it was.
 */
export function selectVictims(
  slot: number,
  context: FilterContext,
  budgets: readonly PodDisruptionBudget[],
): Victims | Refusal {
  const { cluster, pod } = context;
  const { table } = cluster;
  const nodeName = table.nameOf(slot);
  const candidates = [...table.podsOn(nodeName).values()]
    .map(({ facts }) => facts)
    .filter(({ priority }) => priority < pod.priority);
  if (candidates.length === 0) return NOBODY;
  for (const { key } of candidates) table.removePod(key);
  const gone = new Set(candidates);
  try {
    const refusal = refusalNow(slot, context);
    if (refusal) return refusal;
    const reprieve = (some: readonly PodFacts[]) =>
      some.filter((facts) => {
        table.placePod(facts.pod, nodeName);
        if (!refusalNow(slot, context)) return !gone.delete(facts);
        table.removePod(facts.key);
        return true;
      });
    const { guarded, free } = splitByBudget(candidates.sort(byImportance), budgets);
    const violations = reprieve(guarded);
    const victims = [...violations, ...reprieve(free)];
    return { pods: victims.sort(byImportance), violations: violations.length };
  } finally {
    for (const { pod: each } of gone) table.placePod(each, nodeName);
  }
}

function refusalNow(slot: number, context: FilterContext): Refusal | undefined {
  const filter = prepareFilter(context.plugins, context.pod, context.cluster);
  return filter.refused ?? refusalWithNominated(slot, filter, context);
}

/** Which of these Pods, if all were to go, would go beyond what a budget allows. */
export function splitByBudget(pods: readonly PodFacts[], budgets: readonly PodDisruptionBudget[]) {
  const guarded: PodFacts[] = [];
  const free: PodFacts[] = [];
  const left = budgets.map(({ metadata, spec, status }) => ({
    namespace: metadata.namespace,
    selector: labelSelector(spec.selector),
    disrupted: status?.disruptedPods ?? {},
    allowed: status?.disruptionsAllowed ?? 0,
  }));
  for (const facts of pods) {
    let isGuarded = false;
    for (const budget of left) {
      if (budget.namespace !== facts.namespace || budget.selector.empty || budget.selector.nothing) continue;
      if (Object.keys(facts.labels).length === 0 || !budget.selector.matches(facts.labels)) continue;
      // What the eviction API has let go already is counted already.
      if (budget.disrupted[facts.pod.metadata.name!] !== undefined) continue;
      if (--budget.allowed < 0) isGuarded = true;
    }
    (isGuarded ? guarded : free).push(facts);
  }
  return { guarded, free };
}
