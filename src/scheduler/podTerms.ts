import type { Pod, PodAffinityTerm } from "../api/core/v1/index.ts";
import type { LabelSelector } from "../apimachinery/meta.ts";
import { labelSelector, type Selector } from "../apimachinery/selectors.ts";

/** One rule about other Pods, with its selectors read. */
export interface AffinityTerm {
  readonly topologyKey: string;
  readonly selector: Selector;
  readonly namespaces: readonly string[];
  /** undefined: only those of `namespaces` */
  readonly namespaceSelector: Selector | undefined;
  /** the same for terms that ask for the same */
  readonly id: string;
}

export interface WeightedTerm {
  readonly term: AffinityTerm;
  readonly weight: number;
}

/** A Pod's rules about other Pods. */
export interface PodTerms {
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly WeightedTerm[];
  readonly preferredAntiAffinity: readonly WeightedTerm[];
}

type Labels = Readonly<Record<string, string>>;

export function podTerms(pod: Pod): PodTerms | undefined {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return undefined;
  const one = (term: PodAffinityTerm) => affinityTerm(term, pod);
  const weighted = (of: typeof podAffinity) =>
    (of?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({
      weight,
      term: one(podAffinityTerm),
    }));
  return {
    requiredAffinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(one),
    requiredAntiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(one),
    preferredAffinity: weighted(podAffinity),
    preferredAntiAffinity: weighted(podAntiAffinity),
  };
}

function affinityTerm(term: PodAffinityTerm, pod: Pod): AffinityTerm {
  const named = term.namespaces ?? [];
  const own = named.length === 0 && !term.namespaceSelector;
  const namespaces = own ? [pod.metadata.namespace ?? ""] : [...named].sort();
  const selector = selectorWithKeys(term.labelSelector, pod.metadata.labels ?? {}, term);
  const namespaceSelector = term.namespaceSelector ? labelSelector(term.namespaceSelector) : undefined;
  const id = JSON.stringify([term.topologyKey, namespaces, String(namespaceSelector ?? "-"), idOf(selector)]);
  return { topologyKey: term.topologyKey, selector, namespaces, namespaceSelector, id };
}

/** A selector's text; one that selects nothing is not the one that selects everything. */
export function idOf(selector: Selector): string {
  return selector.nothing ? "\0nothing" : selector.toString();
}

/** The selector with what `matchLabelKeys` and `mismatchLabelKeys` add, read from the incoming Pod's labels. */
export function selectorWithKeys(
  from: LabelSelector | undefined,
  labels: Labels,
  keys: { matchLabelKeys?: readonly string[]; mismatchLabelKeys?: readonly string[] },
): Selector {
  if (!from || (!keys.matchLabelKeys?.length && !keys.mismatchLabelKeys?.length)) return labelSelector(from);
  const more = (names: readonly string[] | undefined, operator: string) =>
    (names ?? []).filter((key) => labels[key] !== undefined).map((key) => ({ key, operator, values: [labels[key]!] }));
  return labelSelector({
    ...from,
    matchExpressions: [
      ...(from.matchExpressions ?? []),
      ...more(keys.matchLabelKeys, "In"),
      ...more(keys.mismatchLabelKeys, "NotIn"),
    ],
  } as LabelSelector);
}

/** Whether the term is about this Pod; `namespaceLabels` answers those of its namespace. */
export function termMatches(
  { selector, namespaces, namespaceSelector }: AffinityTerm,
  pod: { namespace: string; labels: Labels },
  namespaceLabels: (namespace: string) => Labels | undefined,
): boolean {
  const inside =
    namespaces.includes(pod.namespace) || (namespaceSelector?.matches(namespaceLabels(pod.namespace)) ?? false);
  return inside && selector.matches(pod.labels);
}
