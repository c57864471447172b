import { allocatableChanged, type ClusterEvent, isGone } from "../clusterEvents.ts";
import type { Cluster, FilterStep, Plugin, Refusal, ScoreStep } from "../framework.ts";
import type { NodeTable, ResourceColumn } from "../nodeTable.ts";
import { factsOf, type PodFacts } from "../podFacts.ts";
import { CPU_AND_MEMORY, type ResourceWeight, type Share, sharesOf } from "./resources.ts";

export interface ShapePoint {
  /** 0…100 */
  utilization: number;
  /** 0…10 */
  score: number;
}

export interface NodeResourcesFitArgs {
  /** extended resources that are somebody else's affair */
  ignoredResources?: readonly string[];
  /** all resources of these domains, too */
  ignoredResourceGroups?: readonly string[];
  scoringStrategy?: {
    type: "LeastAllocated" | "MostAllocated" | "RequestedToCapacityRatio";
    resources?: readonly ResourceWeight[];
    requestedToCapacityRatio?: { shape: readonly ShapePoint[] };
  };
}

const name = "NodeResourcesFit";

export function nodeResourcesFit(args: NodeResourcesFitArgs): Plugin {
  const ignored = new Set(args.ignoredResources);
  const groups = new Set(args.ignoredResourceGroups);
  const isIgnored = (resource: string) => ignored.has(resource) || groups.has(resource.split("/")[0]!);
  return {
    name,
    isLocal: true,
    filter: (pod, { table }) => fits(pod, table, isIgnored),
    score: (pod, cluster) => strategyOf(args)(pod, cluster),
    hint(pod, event, table) {
      const node = changedNode(event);
      const slot = node === undefined ? undefined : table.slotOf(node);
      return slot !== undefined && fits(factsOf(pod), table, isIgnored).refuse!(slot) === undefined;
    },
  };
}

/** The node that may have more room than before; the table knows how much it has now. */
function changedNode(event: ClusterEvent): string | undefined {
  if (event.resource === "Node") return allocatableChanged(event) ? event.new!.metadata.name : undefined;
  if (event.resource !== "AssignedPod" || !event.old) return undefined;
  return isGone(event) || shrank(factsOf(event.old), factsOf(event.new!)) ? event.old.spec.nodeName : undefined;
}

function shrank(old: PodFacts, now: PodFacts): boolean {
  return [...old.requests].some(([resource, value]) => (now.requests.get(resource) ?? 0) < value);
}

interface Need extends ResourceColumn {
  readonly wanted: number;
  readonly reason: string;
}

function fits(pod: PodFacts, table: NodeTable, isIgnored: (resource: string) => boolean): FilterStep {
  const needs: Need[] = [];
  for (const [resource, wanted] of pod.requests) {
    if (wanted === 0 || (resource.includes("/") && isIgnored(resource))) continue;
    needs.push({ ...(table.column(resource) ?? NOTHING), wanted, reason: `Insufficient ${resource}` });
  }
  const { requested, allocatable } = table.column("pods") ?? NOTHING;
  const full = (slot: number) => !(requested[slot]! + 1 <= allocatable[slot]!);
  const refusals = new Map<string, Refusal>();
  return {
    refuse(slot) {
      let lacks = full(slot);
      for (let i = 0; i < needs.length && !lacks; i++) lacks = isShort(needs[i]!, slot);
      return lacks ? explain(slot, full(slot), needs, refusals) : undefined;
    },
  };
}

/** A resource that no node has: reading it gives undefined, which is no number to compare with. */
const NOTHING: ResourceColumn = { requested: new Float64Array(0), allocatable: new Float64Array(0) };

const isShort = ({ requested, allocatable, wanted }: Need, slot: number) =>
  !(requested[slot]! + wanted <= allocatable[slot]!);

/** Refusals that say the same are one object: thousands of nodes may lack the same. */
function explain(slot: number, full: boolean, needs: readonly Need[], known: Map<string, Refusal>): Refusal {
  const short = needs.filter((need) => isShort(need, slot));
  const isFinal = short.some(({ allocatable, wanted }) => wanted > (allocatable[slot] ?? 0));
  const reasons = [...(full ? ["Too many pods"] : []), ...short.map(({ reason }) => reason)];
  const id = `${isFinal} ${reasons.join()}`;
  const refusal = known.get(id) ?? { plugin: name, reasons, isFinal };
  known.set(id, refusal);
  return refusal;
}

function strategyOf({ scoringStrategy }: NodeResourcesFitArgs): (pod: PodFacts, cluster: Cluster) => ScoreStep {
  const asked = scoringStrategy?.resources ?? [];
  // a weight that is not said is 1, as in Kubernetes
  const resources =
    asked.length > 0 ? asked.map(({ name, weight }) => ({ name, weight: weight || 1 })) : CPU_AND_MEMORY;
  if (scoringStrategy?.type === "RequestedToCapacityRatio") {
    const shape = scoringStrategy.requestedToCapacityRatio?.shape ?? [];
    return (pod, { table }) => ratioScores(sharesOf(pod, table, { resources, floored: false }), shape);
  }
  const most = scoringStrategy?.type === "MostAllocated";
  return (pod, { table }) => allocationScores(sharesOf(pod, table, { resources, floored: true }), most);
}

/** The free share (or with `most`, the used one) of each resource in percent, weighted; whole numbers throughout. */
function allocationScores(shares: readonly Share[], most: boolean): ScoreStep {
  return (slots, out) => {
    out.fill(0);
    const weights = new Float64Array(slots.length);
    for (const share of shares) addAllocation(share, most, { slots, out, weights });
    for (let i = 0; i < slots.length; i++) out[i] = weights[i] === 0 ? 0 : Math.trunc(out[i]! / weights[i]!);
  };
}

/** Column by column, as a loop over nothing but numbers is what runs fastest. */
function addAllocation(
  { allocatable, requested, wanted, weight }: Share,
  most: boolean,
  { slots, out, weights }: { slots: Int32Array; out: Float64Array; weights: Float64Array },
): void {
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i]!;
    const has = allocatable[slot]!;
    if (has === 0) continue;
    const used = requested[slot]! + wanted;
    weights[i]! += weight;
    if (most) out[i]! += weight * Math.trunc((Math.min(used, has) * 100) / has);
    else if (used <= has) out[i]! += weight * Math.trunc(((has - used) * 100) / has);
  }
}

function ratioScores(shares: readonly Share[], shape: readonly ShapePoint[]): ScoreStep {
  return (slots, out) => {
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      let sum = 0;
      let weights = 0;
      for (const { allocatable, requested, wanted, weight } of shares) {
        const has = allocatable[slot]!;
        if (has === 0) continue;
        const used = requested[slot]! + wanted;
        const score = onShape(shape, used > has ? 100 : Math.trunc((used * 100) / has));
        if (score <= 0) continue;
        sum += score * weight;
        weights += weight;
      }
      out[i] = weights === 0 ? 0 : Math.round(sum / weights);
    }
  };
}

/** The broken line through the points, whose scores of 0…10 become 0…100. */
function onShape(shape: readonly ShapePoint[], utilization: number): number {
  for (let i = 0; i < shape.length; i++) {
    const right = shape[i]!;
    if (utilization > right.utilization) continue;
    if (i === 0) return right.score * 10;
    const left = shape[i - 1]!;
    const rise = (right.score - left.score) * 10 * (utilization - left.utilization);
    return left.score * 10 + Math.trunc(rise / (right.utilization - left.utilization));
  }
  return (shape.at(-1)?.score ?? 0) * 10;
}
