import type { Pod } from "../../api/core/v1/index.ts";
import { type ClusterEvent, labelsChanged, podLabelsChanged } from "../clusterEvents.ts";
import type { Cluster, FilterStep, Plugin, Refusal, ScoreStep } from "../framework.ts";
import type { CountedPods } from "../podCounts.ts";
import { factsOf, type PodFacts } from "../podFacts.ts";
import { type AffinityTerm, termMatches } from "../podTerms.ts";
import type { SlotCounts } from "../slotArray.ts";
import type { TopologyColumn } from "../topology.ts";

export interface InterPodAffinityArgs {
  /** what being wished near is worth, when the placed Pod requires it: 0…100 */
  hardPodAffinityWeight?: number;
  /** Only the incoming Pod's wishes count. */
  ignorePreferredTermsOfExistingPods?: boolean;
}

const name = "InterPodAffinity";
const refusal = (reason: string, isFinal: boolean): Refusal => ({ plugin: name, reasons: [reason], isFinal });
const NOT_NEAR = refusal("node(s) didn't match pod affinity rules", true);
const TOO_NEAR = refusal("node(s) didn't match pod anti-affinity rules", false);
const UNWANTED = refusal("node(s) didn't satisfy existing pods anti-affinity rules", false);

/** How many of certain Pods are in each place. */
interface PlaceCounts {
  readonly column: TopologyColumn;
  /** by number of the place */
  readonly counts: Float64Array;
}

export function interPodAffinity(args: InterPodAffinityArgs): Plugin {
  return {
    name,
    filter: (pod, cluster) => filterStep(pod, cluster),
    score: (pod, cluster) => scoreStep(pod, cluster, args),
    hint,
  };
}

function filterStep(pod: PodFacts, cluster: Cluster): FilterStep | undefined {
  const { table } = cluster;
  const required = pod.terms?.requiredAffinity ?? [];
  const forbidden = pod.terms?.requiredAntiAffinity ?? [];
  const groups = table.terms.groups("requiredAntiAffinity");
  if (required.length === 0 && forbidden.length === 0 && groups.size === 0) return undefined;
  const near = required.length > 0 ? nearness(pod, required, cluster) : undefined;
  const against = forbidden.map((term) => placesOf(cluster, term.topologyKey, countsOf(cluster, [term])));
  const unwanted: PlaceCounts[] = [];
  for (const { term, counts } of groups) {
    if (termMatches(term, pod, cluster.namespaceLabels)) unwanted.push(placesOf(cluster, term.topologyKey, counts));
  }
  if (!near && against.length === 0 && unwanted.length === 0) return undefined;
  return {
    refuse(slot) {
      if (near && !near(slot)) return NOT_NEAR;
      if (against.some((places) => isThere(places, slot))) return TOO_NEAR;
      return unwanted.some((places) => isThere(places, slot)) ? UNWANTED : undefined;
    },
  };
}

/** The first of a group that wants to be together finds nobody there: it may go anywhere where places have names. */
function nearness(pod: PodFacts, terms: readonly AffinityTerm[], cluster: Cluster): (slot: number) => boolean {
  const counts = countsOf(cluster, terms);
  const places = terms.map(({ topologyKey }) => placesOf(cluster, topologyKey, counts));
  const isFirst =
    !places.some(({ counts: there }) => there.some((count) => count > 0)) &&
    terms.every((term) => termMatches(term, pod, cluster.namespaceLabels));
  return (slot) =>
    places.every(({ column }) => column.at(slot) >= 0) && (isFirst || places.every((place) => isThere(place, slot)));
}

/** Pods that all terms are about, by node. */
function countsOf(cluster: Cluster, terms: readonly AffinityTerm[]): SlotCounts {
  const sets = terms.map((term) => namespacesOf(term, cluster));
  const namespaces = sets.reduce((all, set) => (all && set ? all.filter((name) => set.includes(name)) : (all ?? set)));
  const wanted: CountedPods = { namespaces, selectors: terms.map(({ selector }) => selector), living: false };
  return cluster.table.counter(wanted).counts;
}

function namespacesOf(term: AffinityTerm, cluster: Cluster): readonly string[] | undefined {
  const { namespaces, namespaceSelector } = term;
  if (!namespaceSelector) return namespaces;
  if (namespaceSelector.empty) return undefined;
  return [...new Set([...namespaces, ...cluster.namespacesMatching(namespaceSelector)])].sort();
}

function placesOf({ table }: Cluster, key: string, counts: SlotCounts): PlaceCounts {
  const column = table.topology(key);
  const places = { column, counts: new Float64Array(column.values.length) };
  addTo(places, counts, 1);
  return places;
}

function addTo({ column, counts }: PlaceCounts, pods: SlotCounts, weight: number): void {
  if (pods.total === 0) return;
  const { ids } = column;
  const end = Math.min(pods.values.length, ids.length);
  for (let slot = 0; slot < end; slot++) {
    const count = pods.values[slot]!;
    if (count > 0 && ids[slot]! >= 0) counts[ids[slot]!]! += count * weight;
  }
}

function isThere({ column, counts }: PlaceCounts, slot: number): boolean {
  const place = column.at(slot);
  return place >= 0 && counts[place]! > 0;
}

function scoreStep(pod: PodFacts, cluster: Cluster, args: InterPodAffinityArgs): ScoreStep | undefined {
  const { hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false } = args;
  const { terms } = cluster.table;
  const places = new Map<string, PlaceCounts>();
  const addAt = (key: string, pods: SlotCounts, weight: number) => {
    const known = places.get(key) ?? placesOf(cluster, key, NOBODY);
    places.set(key, known);
    addTo(known, pods, weight);
  };
  for (const { term, weight } of pod.terms?.preferredAffinity ?? []) {
    addAt(term.topologyKey, countsOf(cluster, [term]), weight);
  }
  for (const { term, weight } of pod.terms?.preferredAntiAffinity ?? []) {
    addAt(term.topologyKey, countsOf(cluster, [term]), -weight);
  }
  const own = (pod.terms?.preferredAffinity.length ?? 0) + (pod.terms?.preferredAntiAffinity.length ?? 0);
  if (ignorePreferredTermsOfExistingPods && own === 0) return undefined;
  const isMeant = (term: AffinityTerm) => termMatches(term, pod, cluster.namespaceLabels);
  if (hardPodAffinityWeight > 0) {
    for (const { term, counts } of terms.groups("requiredAffinity")) {
      if (isMeant(term)) addAt(term.topologyKey, counts, hardPodAffinityWeight);
    }
  }
  for (const { term, weight, counts } of terms.groups("preferred")) {
    if (isMeant(term)) addAt(term.topologyKey, counts, weight);
  }
  return places.size === 0 ? undefined : (slots, out) => scorePlaces([...places.values()], slots, out);
}

const NOBODY: SlotCounts = { values: new Int32Array(0), total: 0, add() {}, at: () => 0, clear() {} };

/** The best place gets 100, the worst 0. */
function scorePlaces(places: readonly PlaceCounts[], slots: Int32Array, out: Float64Array): void {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < slots.length; i++) {
    let sum = 0;
    for (const { column, counts } of places) {
      const place = column.at(slots[i]!);
      if (place >= 0) sum += counts[place]!;
    }
    out[i] = sum;
    least = Math.min(least, sum);
    most = Math.max(most, sum);
  }
  const range = most - least;
  for (let i = 0; i < slots.length; i++) out[i] = range > 0 ? Math.trunc((100 * (out[i]! - least)) / range) : 0;
}

function hint(pod: Pod, event: ClusterEvent): boolean {
  if (event.resource === "Node") return labelsChanged(event);
  if (event.resource !== "AssignedPod") return false;
  const { old, new: now } = event;
  if (old && now && !podLabelsChanged(event)) return false;
  const waiting = factsOf(pod);
  const { requiredAffinity = [], requiredAntiAffinity = [] } = waiting.terms ?? {};
  if (now && requiredAffinity.some((term) => mayMatch(term, factsOf(now)))) return true;
  if (!old) return false;
  const left = factsOf(old);
  const unwanted = left.terms?.requiredAntiAffinity ?? [];
  return requiredAntiAffinity.some((term) => mayMatch(term, left)) || unwanted.some((term) => mayMatch(term, waiting));
}

/** What may help is tried: a namespace that is chosen by its labels may be any. */
function mayMatch({ namespaces, namespaceSelector, selector }: AffinityTerm, { namespace, labels }: PodFacts): boolean {
  return (namespaceSelector !== undefined || namespaces.includes(namespace)) && selector.matches(labels);
}
