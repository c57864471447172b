import { isNodeReady, type Pod } from "../../api/core/v1/index.ts";
import type { NodeGroup } from "../provider.ts";
import type { AutoscalerOptions } from "./options.ts";
import { pack, packInto } from "./packing.ts";
import { obstacle, type Room, utilization } from "./room.ts";
import { newRoom, presentRooms } from "./rooms.ts";
import { isUnschedulable, type Memory, type Seen, since } from "./state.ts";

export interface Growth {
  group: NodeGroup;
  by: number;
  pods: readonly Pod[];
}
export interface ScaleUpPlan {
  growth?: Growth;
  /** Pods that no group can help, and why */
  helpless: readonly { pod: Pod; message: string }[];
  /** the rooms there are, and those on their way, with the waiting Pods that they will take */
  rooms: readonly Room[];
  awaited: Map<string, number>;
  /** machines that did not become nodes in time */
  lost: readonly { group: NodeGroup; name: string }[];
}

/** Which group to let grow, and by how much, so that waiting Pods find a node. Pure. */
export function planScaleUp(seen: Seen, memory: Memory, options: AutoscalerOptions): ScaleUpPlan {
  const { now, groups, daemonSets } = seen;
  const coming = awaitedMembers(seen);
  const names = coming.map(({ name }) => name);
  const awaited = since(memory.awaited, names, now);
  const isLost = ({ name }: { name: string }) => now - awaited.get(name)! >= options.provisionTime;
  const upcoming = coming.filter((it) => !isLost(it)).map(({ group, name }) => newRoom(group, daemonSets, name));
  // what fits in where there is or will be room needs no help, only patience
  const { rooms, left } = pack(seen.pods.filter(isUnschedulable), [...presentRooms(seen), ...upcoming]);
  const offers = groups.flatMap((group) => offer(group, left, rooms, seen, memory) ?? []);
  const growth = best(offers) ?? missing(seen, memory);
  const helped = new Set(offers.flatMap(({ pods }) => pods));
  const helpless = left.filter((pod) => !helped.has(pod)).map((pod) => explain(pod, rooms, seen, memory));
  const lost = coming.filter((it) => isLost(it) && it.isUnknown);
  return { ...(growth ? { growth } : {}), helpless, rooms, awaited, lost };
}

/** Machines that are not yet nodes that take Pods. */
function awaitedMembers({ groups, nodes }: Seen) {
  const known = new Map(nodes.map((node) => [node.metadata.name, node]));
  return groups.flatMap((group) =>
    group.members.flatMap((name) => {
      const node = known.get(name);
      return isNodeReady(node) ? [] : [{ group, name, isUnknown: !node }];
    }),
  );
}

interface Offer extends Growth {
  waste: number;
}

function offer(
  group: NodeGroup,
  pods: readonly Pod[],
  rooms: readonly Room[],
  { daemonSets, now }: Seen,
  memory: Memory,
): Offer | undefined {
  const most = group.max - group.members.length;
  if (pods.length === 0 || most <= 0 || isBackedOff(group, memory, now)) return undefined;
  const room = (index: number) => newRoom(group, daemonSets, `template-node-for-${group.id}-${index}`);
  const { used, placed, rooms: all } = packInto(pods, rooms, room, most);
  if (used === 0) return undefined;
  const filled = all.slice(rooms.length).map(utilization);
  return { group, by: used, pods: placed, waste: 1 - filled.reduce((a, b) => a + b, 0) / used };
}

/** That which takes most Pods; then that which wastes least, then the first by name. */
function best(offers: readonly Offer[]): Growth | undefined {
  const [first] = [...offers].sort(
    (a, b) => b.pods.length - a.pods.length || a.waste - b.waste || (a.group.id < b.group.id ? -1 : 1),
  );
  return first && { group: first.group, by: first.by, pods: first.pods };
}

/** What a group lacks to be as large as it must. */
function missing({ groups, now }: Seen, memory: Memory): Growth | undefined {
  const group = groups.find((it) => it.members.length < it.min && !isBackedOff(it, memory, now));
  return group && { group, by: group.min - group.members.length, pods: [] };
}

const isBackedOff = ({ id }: NodeGroup, { backoff }: Memory, now: number) => (backoff.get(id) ?? 0) > now;

function explain(pod: Pod, rooms: readonly Room[], { groups, daemonSets, now }: Seen, memory: Memory) {
  const counts = new Map<string, number>();
  for (const group of groups) {
    const reason = hindrance(pod, group, newRoom(group, daemonSets, `template-node-for-${group.id}`), rooms);
    const text = reason ?? (isBackedOff(group, memory, now) ? BACKOFF : FULL);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return { pod, message: `pod didn't trigger scale-up: ${reasons.join(", ")}` };
}

const FULL = "max node group size reached";
const BACKOFF = "in backoff after failed scale-up";

function hindrance(pod: Pod, group: NodeGroup, room: Room, rooms: readonly Room[]): string | undefined {
  return group.members.length >= group.max ? FULL : obstacle(pod, room, rooms);
}
