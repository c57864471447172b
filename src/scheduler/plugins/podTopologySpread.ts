import type { Node, Pod, TopologySpreadConstraint } from "../../api/core/v1/index.ts";
import type { Selector } from "../../apimachinery/selectors.ts";
import { type ClusterEvent, isGone, isNew, labelsChanged, podLabelsChanged, taintsChanged } from "../clusterEvents.ts";
import type { Cluster, FilterStep, Plugin, Refusal, ScoreStep } from "../framework.ts";
import type { PodFacts } from "../podFacts.ts";
import { factsOf } from "../podFacts.ts";
import { selectorWithKeys } from "../podTerms.ts";
import type { SlotCounts } from "../slotArray.ts";
import type { TopologyColumn } from "../topology.ts";
import { choosesNodes, nodeAllowed } from "./nodeSelection.ts";
import { bears } from "./taintToleration.ts";

export interface PodTopologySpreadArgs {
  /** for Pods that say nothing themselves; selected are their siblings */
  defaultConstraints?: readonly TopologySpreadConstraint[];
  /** System: Kubernetes' own defaults; List: those given */
  defaultingType?: "System" | "List";
}

const name = "PodTopologySpread";
const REASON = "node(s) didn't match pod topology spread constraints";
const UNEVEN: Refusal = { plugin: name, reasons: [REASON], isFinal: false };
const NO_LABEL: Refusal = { plugin: name, reasons: [`${REASON} (missing required label)`], isFinal: true };
const HOSTNAME = "kubernetes.io/hostname";

const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME, whenUnsatisfiable: "ScheduleAnyway", maxSkew: 3 },
  { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", maxSkew: 5 },
];

/** A constraint, ready to be asked. */
interface Constraint {
  readonly column: TopologyColumn;
  readonly maxSkew: number;
  readonly minDomains: number;
  /** how many Pods that it counts are on each node */
  readonly pods: SlotCounts;
  /** 1 when the incoming Pod counts itself */
  readonly self: number;
  /** whether a node's Pods and place count at all; undefined: all do */
  readonly counts: ((node: Node, slot: number) => boolean) | undefined;
}

export function podTopologySpread(args: PodTopologySpreadArgs): Plugin {
  const isSystem = (args.defaultingType ?? "System") === "System";
  const defaults = isSystem ? SYSTEM_DEFAULTS : (args.defaultConstraints ?? []);
  return {
    name,
    filter(pod, cluster) {
      const { constraints } = constraintsOf(pod, cluster, defaults, "DoNotSchedule");
      return constraints.length === 0 ? undefined : filterStep(constraints, cluster);
    },
    score(pod, cluster) {
      const { constraints, isDefault } = constraintsOf(pod, cluster, defaults, "ScheduleAnyway");
      if (constraints.length === 0) return undefined;
      return scoreStep(constraints, cluster, { needsAllLabels: !(isDefault && isSystem) });
    },
    hint,
  };
}

function constraintsOf(
  pod: PodFacts,
  cluster: Cluster,
  defaults: readonly TopologySpreadConstraint[],
  action: string,
): { constraints: readonly Constraint[]; isDefault: boolean } {
  const own = pod.pod.spec.topologySpreadConstraints ?? [];
  const isDefault = own.length === 0;
  const wanted = (isDefault ? defaults : own).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action);
  if (wanted.length === 0) return { constraints: [], isDefault };
  const siblings = isDefault ? cluster.siblings(pod.pod) : undefined;
  if (isDefault && !siblings) return { constraints: [], isDefault };
  const constraints = wanted.map((constraint) => {
    const selector = siblings ?? selectorWithKeys(constraint.labelSelector, pod.labels, constraint);
    return readConstraint(constraint, selector, pod, cluster);
  });
  return { constraints, isDefault };
}

function readConstraint(
  constraint: TopologySpreadConstraint,
  selector: Selector,
  pod: PodFacts,
  { table }: Cluster,
): Constraint {
  const { topologyKey, maxSkew, minDomains = 1, nodeAffinityPolicy, nodeTaintsPolicy } = constraint;
  const byAffinity = nodeAffinityPolicy !== "Ignore" && choosesNodes(pod.pod);
  const byTaints = nodeTaintsPolicy === "Honor";
  const counts = (node: Node, slot: number) =>
    (!byAffinity || nodeAllowed(pod.pod, node)) && (!byTaints || bears(pod.pod, table.hardTaints(slot)));
  return {
    column: table.topology(topologyKey),
    maxSkew,
    minDomains,
    pods: table.counter({ namespaces: [pod.namespace], selectors: [selector], living: true }).counts,
    self: selector.matches(pod.labels) ? 1 : 0,
    counts: byAffinity || byTaints ? counts : undefined,
  };
}

const hasAllLabels = (constraints: readonly Constraint[], slot: number) =>
  constraints.every(({ column }) => column.at(slot) >= 0);

/** How many Pods are in each place that counts; -1: the place does not. */
function placesOf(constraint: Constraint, all: readonly Constraint[], { table }: Cluster): Int32Array {
  const { column, pods, counts } = constraint;
  const places = new Int32Array(column.values.length).fill(-1);
  for (let slot = 0; slot < table.slots; slot++) {
    const place = column.at(slot);
    if (place < 0 || !hasAllLabels(all, slot)) continue;
    if (counts && !counts(table.node(slot)!, slot)) continue;
    places[place] = Math.max(0, places[place]!) + pods.at(slot);
  }
  return places;
}

function filterStep(constraints: readonly Constraint[], cluster: Cluster): FilterStep {
  const asked = constraints.map((constraint) => {
    const places = placesOf(constraint, constraints, cluster);
    let domains = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const count of places) {
      if (count < 0) continue;
      domains++;
      least = Math.min(least, count);
    }
    if (domains < constraint.minDomains || domains === 0) least = 0;
    return { ...constraint, places, most: least + constraint.maxSkew - constraint.self };
  });
  return {
    refuse(slot) {
      for (const { column, places, most } of asked) {
        const place = column.at(slot);
        if (place < 0) return NO_LABEL;
        if (Math.max(0, places[place]!) > most) return UNEVEN;
      }
      return undefined;
    },
  };
}

interface Ranked extends Constraint {
  /** Pods by place; undefined for a place that is one node */
  readonly places: Int32Array | undefined;
  readonly weight: number;
}

function scoreStep(
  constraints: readonly Constraint[],
  cluster: Cluster,
  { needsAllLabels }: { needsAllLabels: boolean },
): ScoreStep {
  // A label that no node has makes no place, and no difference.
  const counted = needsAllLabels ? constraints : constraints.filter(({ column }) => column.present > 0);
  return (slots, out) => {
    const ignored = new Uint8Array(slots.length);
    let among = slots;
    if (needsAllLabels) {
      for (let i = 0; i < slots.length; i++) ignored[i] = hasAllLabels(constraints, slots[i]!) ? 0 : 1;
      among = slots.filter((_, i) => !ignored[i]);
    }
    const ranked = counted.map((constraint) => rank(constraint, counted, { among, cluster, needsAllLabels }));
    for (let i = 0; i < slots.length; i++) out[i] = ignored[i] ? 0 : crowd(slots[i]!, ranked);
    invert(out, ignored);
  };
}

/** How crowded with siblings the places of a node are. */
function crowd(slot: number, ranked: readonly Ranked[]): number {
  let sum = 0;
  for (let i = 0; i < ranked.length; i++) {
    const { column, places, pods, weight, maxSkew } = ranked[i]!;
    const place = column.at(slot);
    if (place >= 0) sum += (places ? Math.max(0, places[place]!) : pods.at(slot)) * weight + (maxSkew - 1);
  }
  return Math.round(sum);
}

interface Feasible {
  /** the nodes that are ranked */
  among: Int32Array;
  cluster: Cluster;
  needsAllLabels: boolean;
}

/** The more places there are, the less one Pod more in one of them matters. */
function rank(constraint: Constraint, all: readonly Constraint[], feasible: Feasible): Ranked {
  const { among, cluster, needsAllLabels } = feasible;
  const { column } = constraint;
  const weightOf = (places: number) => Math.log(places + 2);
  if (column.key === HOSTNAME) return { ...constraint, places: undefined, weight: weightOf(among.length) };
  const seen = new Set<number>();
  for (const slot of among) if (column.at(slot) >= 0) seen.add(column.at(slot));
  const places = seen.size === 0 ? NO_PLACES : placesOf(constraint, needsAllLabels ? all : [constraint], cluster);
  return { ...constraint, places, weight: weightOf(seen.size) };
}
const NO_PLACES = new Int32Array(0);

/** Fewest Pods are best; nodes outside all places get nothing. */
function invert(out: Float64Array, ignored: Uint8Array): void {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < out.length; i++) {
    if (ignored[i]) continue;
    least = Math.min(least, out[i]!);
    most = Math.max(most, out[i]!);
  }
  for (let i = 0; i < out.length; i++) {
    out[i] = ignored[i] ? 0 : most === 0 ? 100 : Math.trunc((100 * (most + least - out[i]!)) / most);
  }
}

function hint(pod: Pod, event: ClusterEvent): boolean {
  if (event.resource === "Node") return isGone(event) || labelsChanged(event) || taintsChanged(event);
  if (event.resource !== "AssignedPod") return false;
  const { old, new: now } = event;
  const leaves = !old?.metadata.deletionTimestamp && now?.metadata.deletionTimestamp !== undefined;
  if (!isNew(event) && !isGone(event) && !podLabelsChanged(event) && !leaves) return false;
  const other = factsOf((now ?? old)!);
  if (other.namespace !== pod.metadata.namespace) return false;
  const own = pod.spec.topologySpreadConstraints ?? [];
  // By default constraints, what counts are siblings, which nothing here tells.
  if (own.length === 0) return true;
  return own.some((constraint) => {
    const selector = selectorWithKeys(constraint.labelSelector, pod.metadata.labels ?? {}, constraint);
    return selector.matches(old?.metadata.labels) || selector.matches(now?.metadata.labels);
  });
}
