import { isNodeReady, type Node, type Pod } from "../../api/core/v1/index.ts";
import type { NodeGroup } from "../provider.ts";
import { holdsNode, mayNotMove, staysBehind } from "./drainRules.ts";
import type { AutoscalerOptions } from "./options.ts";
import { pack } from "./packing.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { present, utilization } from "./stage.ts";
import { isCandidate, isExpendable, isLongGone, leavingTaint, type Memory, type Seen, since } from "./state.ts";

/** What to do next for a node that leaves. */
export type Leaving = { group: NodeGroup; node: Node } & (
  | { step: "mark"; moving: readonly Pod[]; utilization: number }
  | { step: "evict"; pods: readonly Pod[] }
  | { step: "giveBack" }
  | { step: "keep" }
);
export interface ScaleDownPlan {
  leaving: readonly Leaving[];
  /** since when nodes are idle, by name */
  unneeded: Map<string, number>;
  /** nodes that are to say, or no longer to say, that they may go: the scheduler then prefers others */
  candidates: { add: readonly Node[]; drop: readonly Node[] };
}

const DISABLED = "cluster-autoscaler.kubernetes.io/scale-down-disabled";
/** So many empty nodes go at once; of the others one at a time. */
const EMPTY_AT_ONCE = 10;

/**
 * Which nodes to give back. On the stage are the nodes that stay, with the waiting Pods that found room there already. A
 * node that leaves is marked by a taint, so that a restart of the autoscaler goes on where it was.
 */
export function planScaleDown(
  seen: Seen,
  memory: Memory,
  options: AutoscalerOptions,
  rehearsal: Rehearsal,
): ScaleDownPlan {
  const { now } = seen;
  const members = seen.groups.flatMap((group) => membersOf(group, seen).map((node) => ({ group, node })));
  const started = members.filter(({ node }) => leavingTaint(node)).map((it) => furtherStep(it, seen, options));
  const idle = options.scaleDown ? idleNodes(members, seen, options, rehearsal) : [];
  const unneeded = since(
    memory.unneeded,
    idle.map(({ node }) => node.metadata.name!),
    now,
  );
  const candidates = planCandidates(members, unneeded);
  const tooSoon = (at: number | undefined, delay: number) => at !== undefined && now - at < delay;
  if (tooSoon(memory.lastGrown, options.delayAfterAdd) || tooSoon(memory.lastFailed, options.delayAfterFailure))
    return { leaving: started, unneeded, candidates };
  const time = (node: Node) => (isNodeReady(node) ? options.unneededTime : options.unreadyTime);
  const due = idle.filter(({ node }) => now - unneeded.get(node.metadata.name!)! >= time(node));
  return { leaving: [...started, ...chosen(due, started)], unneeded, candidates };
}

function membersOf({ members }: NodeGroup, { nodes }: Seen): Node[] {
  const names = new Set(members);
  return nodes.filter((node) => names.has(node.metadata.name!));
}

/** So many nodes are marked, or unmarked, at a time. */
const MARKED_AT_ONCE = 10;

function planCandidates(members: readonly Member[], unneeded: ReadonlyMap<string, number>) {
  const nodes = members.map(({ node }) => node).filter((node) => !leavingTaint(node));
  const isIdle = ({ metadata }: Node) => unneeded.has(metadata.name!);
  return {
    add: nodes.filter((node) => isIdle(node) && !isCandidate(node)).slice(0, MARKED_AT_ONCE),
    drop: nodes.filter((node) => !isIdle(node) && isCandidate(node)).slice(0, MARKED_AT_ONCE),
  };
}

interface Member {
  group: NodeGroup;
  node: Node;
}
interface Idle extends Member {
  moving: readonly Pod[];
  utilization: number;
}

function furtherStep({ group, node }: Member, seen: Seen, options: AutoscalerOptions): Leaving {
  const there = seen.pods.filter(({ spec }) => spec.nodeName === node.metadata.name);
  const pods = movable(there, seen.now, options);
  if (pods.length === 0) return { group, node, step: "giveBack" };
  const marked = Number(leavingTaint(node)?.value) * 1000;
  // one may have come before the taint did
  const isHeld = pods.some((pod) => mayNotMove(pod, seen.budgets, options));
  if (isHeld || seen.now - marked > options.drainTime) return { group, node, step: "keep" };
  return { group, node, step: "evict", pods: pods.filter(({ metadata }) => !metadata.deletionTimestamp) };
}

/** What must be elsewhere before the node goes. */
const movable = (pods: readonly Pod[], now: number, options: AutoscalerOptions) =>
  pods.filter((pod) => !staysBehind(pod) && !isExpendable(pod, options) && !isLongGone(pod, now));

/** Nodes of which little is asked and whose Pods all find room elsewhere, each after those before it have gone. */
function idleNodes(members: readonly Member[], seen: Seen, options: AutoscalerOptions, rehearsal: Rehearsal): Idle[] {
  const candidates = members
    .filter(({ node }) => !leavingTaint(node) && node.metadata.annotations?.[DISABLED] !== "true")
    .map((it) => {
      const pods = rehearsal.podsOn(it.node.metadata.name!).filter((pod) => !isLongGone(pod, seen.now));
      return { ...it, utilization: utilization(it.node, pods) };
    })
    .filter((it) => it.utilization < options.utilizationThreshold)
    .sort((a, b) => a.utilization - b.utilization);
  const idle: Idle[] = [];
  const left = new Map<string, number>();
  const staying = new Set(present(seen));
  for (const candidate of candidates) {
    const { group, node } = candidate;
    const name = node.metadata.name!;
    // Pods that others would leave to it, or that wait for it, must move on as well
    const pods = movable(rehearsal.podsOn(name), seen.now, options);
    if (isSmallest(group, left, seen) || pods.some((pod) => holdsNode(pod, seen.budgets, options))) continue;
    staying.delete(name);
    if (!empties(name, pods, [...staying], rehearsal)) {
      if (isNodeReady(node)) staying.add(name);
      continue;
    }
    left.set(group.id, (left.get(group.id) ?? 0) + 1);
    idle.push({ ...candidate, moving: pods });
  }
  return idle;
}

/** Moves the Pods away and takes the node off the stage, or leaves all as it was. */
function empties(name: string, pods: readonly Pod[], others: readonly string[], rehearsal: Rehearsal): boolean {
  const mark = rehearsal.mark();
  for (const pod of rehearsal.podsOn(name)) rehearsal.take(pod);
  rehearsal.removeNode(name);
  if (pack(pods, others, rehearsal).left.length === 0) return true;
  rehearsal.rollBack(mark);
  return false;
}

/** Whether the group may have no node fewer. */
function isSmallest(group: NodeGroup, left: ReadonlyMap<string, number>, { nodes }: Seen): boolean {
  const leaving = nodes.filter((node) => group.members.includes(node.metadata.name!) && leavingTaint(node)).length;
  return group.members.length - leaving - (left.get(group.id) ?? 0) <= group.min;
}

function chosen(due: readonly Idle[], started: readonly Leaving[]): Leaving[] {
  const empty = due.filter(({ moving }) => moving.length === 0).slice(0, EMPTY_AT_ONCE);
  const draining = started.some(({ step }) => step === "evict");
  const full = empty.length > 0 || draining ? [] : due.slice(0, 1);
  return [...empty, ...full].map((idle) => ({ ...idle, step: "mark" }));
}
