import { isNodeReady, type Node, type Pod } from "../../api/core/v1/index.ts";
import type { NodeGroup } from "../provider.ts";
import { holdsNode, mayNotMove, staysBehind } from "./drainRules.ts";
import type { AutoscalerOptions } from "./options.ts";
import { pack } from "./packing.ts";
import { type Room, utilization } from "./room.ts";
import { leavingTaint, type Memory, type Seen, since } from "./state.ts";

/** What to do next for a node that leaves. */
export type Leaving = { group: NodeGroup; node: Node } & (
  | { step: "mark" }
  | { step: "evict"; pods: readonly Pod[] }
  | { step: "giveBack" }
  | { step: "keep" }
);
export interface ScaleDownPlan {
  leaving: readonly Leaving[];
  unneeded: Map<string, number>;
}

const DISABLED = "cluster-autoscaler.kubernetes.io/scale-down-disabled";
/** So many empty nodes go at once; of the others one at a time. */
const EMPTY_AT_ONCE = 10;

/**
 * Which nodes to give back. `rooms` are the nodes that stay, with the waiting Pods that found room there already. A node
 * that leaves is marked by a taint, so that a restart of the autoscaler goes on where it was. Pure.
 */
export function planScaleDown(
  seen: Seen,
  memory: Memory,
  options: AutoscalerOptions,
  rooms: readonly Room[],
): ScaleDownPlan {
  const { now } = seen;
  const under = seen.groups.flatMap((group) => membersOf(group, seen).map((node) => ({ group, node })));
  const started = under.filter(({ node }) => leavingTaint(node)).map((it) => furtherStep(it, seen, options));
  const idle = idleNodes(under, seen, options, rooms);
  const unneeded = since(
    memory.unneeded,
    idle.map(({ node }) => node.metadata.name!),
    now,
  );
  if (now - (memory.lastGrown ?? Number.NEGATIVE_INFINITY) < options.delayAfterAdd)
    return { leaving: started, unneeded };
  const due = idle.filter(({ node }) => now - unneeded.get(node.metadata.name!)! >= options.unneededTime);
  return { leaving: [...started, ...chosen(due, started)], unneeded };
}

function membersOf({ members }: NodeGroup, { nodes }: Seen): Node[] {
  const names = new Set(members);
  return nodes.filter((node) => names.has(node.metadata.name!));
}

interface Member {
  group: NodeGroup;
  node: Node;
}
interface Idle extends Member {
  isEmpty: boolean;
}

function furtherStep({ group, node }: Member, seen: Seen, options: AutoscalerOptions): Leaving {
  const pods = movable(node, seen);
  if (pods.length === 0) return { group, node, step: "giveBack" };
  const marked = Number(leavingTaint(node)?.value) * 1000;
  // one may have come before the taint did
  const isHeld = pods.some((pod) => mayNotMove(pod, seen.budgets));
  if (isHeld || seen.now - marked > options.drainTime) return { group, node, step: "keep" };
  return { group, node, step: "evict", pods: pods.filter(({ metadata }) => !metadata.deletionTimestamp) };
}

const movable = (node: Node, { pods }: Seen) =>
  pods.filter((pod) => pod.spec.nodeName === node.metadata.name && !staysBehind(pod));

/** Nodes of which little is asked and whose Pods all find room elsewhere, each after those before it have gone. */
function idleNodes(
  members: readonly Member[],
  seen: Seen,
  { utilizationThreshold }: AutoscalerOptions,
  all: readonly Room[],
): Idle[] {
  let rooms = all;
  const candidates = members.flatMap(({ group, node }) => {
    const room = all.find((it) => it.node.metadata.name === node.metadata.name);
    return room && isCandidate(node) && utilization(room) < utilizationThreshold ? [{ group, node, room }] : [];
  });
  const idle: Idle[] = [];
  const gone = new Map<string, number>();
  for (const { group, node, room } of candidates.sort((a, b) => utilization(a.room) - utilization(b.room))) {
    const current = rooms.find((it) => it.node.metadata.name === node.metadata.name)!;
    // Pods that others would leave to it, or that wait for it, must move on as well
    const pods = current.pods.filter((pod) => !staysBehind(pod));
    if (isHeld(group, gone, seen) || pods.some((pod) => holdsNode(pod, seen.budgets))) continue;
    const packed = pack(
      pods,
      rooms.filter((it) => it !== current),
    );
    if (packed.left.length > 0) continue;
    rooms = packed.rooms;
    gone.set(group.id, (gone.get(group.id) ?? 0) + 1);
    idle.push({ group, node, isEmpty: room.pods.every(staysBehind) });
  }
  return idle;
}

const isCandidate = (node: Node) => isNodeReady(node) && node.metadata.annotations?.[DISABLED] !== "true";

/** Whether the group may have no node fewer. */
function isHeld(group: NodeGroup, gone: ReadonlyMap<string, number>, { nodes }: Seen): boolean {
  const leaving = nodes.filter((node) => group.members.includes(node.metadata.name!) && leavingTaint(node)).length;
  return group.members.length - leaving - (gone.get(group.id) ?? 0) <= group.min;
}

function chosen(due: readonly Idle[], started: readonly Leaving[]): Leaving[] {
  const empty = due.filter(({ isEmpty }) => isEmpty).slice(0, EMPTY_AT_ONCE);
  const draining = started.some(({ step }) => step === "evict");
  const full = empty.length > 0 || draining ? [] : due.slice(0, 1);
  return [...empty, ...full].map(({ group, node }) => ({ group, node, step: "mark" }));
}
