import type { Pod, PodAffinityTerm, PodCondition } from "../../api/core/v1/index.ts";
import type { LabelSelector } from "../../apimachinery/meta.ts";

interface Keyed {
  labelSelector?: LabelSelector;
  matchLabelKeys?: readonly string[];
  mismatchLabelKeys?: readonly string[];
}

/** Writes what `matchLabelKeys` and `mismatchLabelKeys` mean for this Pod into the selectors of its affinities. */
export function mergeLabelKeys({ metadata, spec }: Pod): void {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const terms: PodAffinityTerm[] = [podAffinity, podAntiAffinity].flatMap((rules) => [
    ...(rules?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(rules?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
  for (const term of terms) merge(term, metadata.labels ?? {});
}

function merge(term: Keyed, labels: Readonly<Record<string, string>>): void {
  if (!term.labelSelector) return;
  const requirements = (keys: readonly string[] = [], operator: string) =>
    keys.filter((key) => labels[key] !== undefined).map((key) => ({ key, operator, values: [labels[key]!] }));
  const more = [...requirements(term.matchLabelKeys, "In"), ...requirements(term.mismatchLabelKeys, "NotIn")];
  if (more.length === 0) return;
  term.labelSelector.matchExpressions = [...(term.labelSelector.matchExpressions ?? []), ...more];
}

/** What a Pod with gates says from the beginning: nobody tries to schedule it. */
export function gatedConditions({ spec }: Pod): PodCondition[] | undefined {
  if (!spec.schedulingGates?.length) return undefined;
  const message = "Scheduling is blocked due to non-empty scheduling gates";
  const condition = { type: "PodScheduled", status: "False", reason: "SchedulingGated", message };
  return [{ ...condition, lastProbeTime: null, lastTransitionTime: null } as unknown as PodCondition];
}
