import type { Pod } from "../../api/core/v1/index.ts";
import type { Random } from "../../util/random.ts";
import type { NodeGroup } from "../provider.ts";
import { choose, type Offer } from "./expander.ts";
import type { AutoscalerOptions } from "./options.ts";
import { pack, packIntoNew } from "./packing.ts";
import { isStarting } from "./readiness.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { addNewNode, present, utilization } from "./stage.ts";
import { isExpendable, isUnschedulable, type Memory, type Seen, since } from "./state.ts";

export interface Growth {
  group: NodeGroup;
  by: number;
  pods: readonly Pod[];
}
export interface ScaleUpPlan {
  growth?: Growth;
  /** Pods that no group can help, and why */
  helpless: readonly { pod: Pod; message: string }[];
  /** since when members that are not yet nodes that take Pods are awaited, by name */
  awaited: Map<string, number>;
  /** machines that did not become nodes in time */
  lost: readonly { group: NodeGroup; name: string }[];
}

type Options = AutoscalerOptions & { random: Random };

/**
 * Which group to let grow, and by how much, so that waiting Pods find a node. Leaves on the stage the nodes that are on
 * their way, and the waiting Pods where there is or will be room.
 */
export function planScaleUp(seen: Seen, memory: Memory, options: Options, rehearsal: Rehearsal): ScaleUpPlan {
  const { now, groups } = seen;
  const { random } = options;
  const coming = awaitedMembers(seen, options);
  const names = coming.map(({ name }) => name);
  const awaited = since(memory.awaited, names, now);
  const isLost = ({ name }: { name: string }) => now - awaited.get(name)! >= options.provisionTime;
  const upcoming = coming
    .filter((it) => !isLost(it))
    .map(({ group, name }) => addNewNode(group, seen, rehearsal, name));
  const left = leftOver(seen, upcoming, options, rehearsal);
  const offers = groups.flatMap((group) => offer(group, left, { seen, memory, rehearsal }) ?? []);
  const growth = choose(offers, options.expanders, random) ?? missing(seen, memory);
  const helped = new Set(offers.flatMap(({ pods }) => pods));
  const others = left.filter((pod) => !helped.has(pod));
  const lost = coming.filter((it) => isLost(it) && it.isUnknown);
  return { ...(growth ? { growth } : {}), helpless: explain(others, { seen, memory, rehearsal }), awaited, lost };
}

/** What fits in where there is or will be room needs no help, only patience; so does whoever has made others leave. */
function leftOver(seen: Seen, upcoming: readonly string[], options: AutoscalerOptions, rehearsal: Rehearsal) {
  const waiting = seen.pods.filter((pod) => isUnschedulable(pod) && !isExpendable(pod, options));
  const known = new Set(seen.nodes.map(({ metadata }) => metadata.name));
  const isNominated = ({ status }: Pod) => known.has(status.nominatedNodeName);
  for (const pod of waiting.filter(isNominated)) rehearsal.place(pod, pod.status.nominatedNodeName!);
  const looking = waiting.filter((pod) => !isNominated(pod));
  return pack(looking, [...present(seen), ...upcoming], rehearsal).left;
}

/** Machines that are not yet nodes that take Pods; one that was a node for long and fell silent is none of them. */
function awaitedMembers({ groups, nodes, now }: Seen, { provisionTime }: AutoscalerOptions) {
  const known = new Map(nodes.map((node) => [node.metadata.name, node]));
  return groups.flatMap((group) =>
    group.members.flatMap((name) => {
      const node = known.get(name);
      return node && !isStarting(node, now, provisionTime) ? [] : [{ group, name, isUnknown: !node }];
    }),
  );
}

interface Context {
  seen: Seen;
  memory: Memory;
  rehearsal: Rehearsal;
}
const imagined = ({ id }: NodeGroup, index: number) => `template-node-for-${id}-${index}`;

function offer(group: NodeGroup, pods: readonly Pod[], { seen, memory, rehearsal }: Context): Offer | undefined {
  const most = group.max - group.members.length;
  if (pods.length === 0 || most <= 0 || isBackedOff(group, memory, seen.now)) return undefined;
  const mark = rehearsal.mark();
  const add = (index: number) => addNewNode(group, seen, rehearsal, imagined(group, index));
  const { placed, added } = packIntoNew(pods, add, most, rehearsal);
  const filled = added.map((name) => utilization(group.template, rehearsal.podsOn(name)));
  rehearsal.rollBack(mark);
  if (added.length === 0) return undefined;
  return { group, by: added.length, pods: placed, waste: 1 - filled.reduce((a, b) => a + b, 0) / added.length };
}

/** What a group lacks to be as large as it must. */
function missing({ groups, now }: Seen, memory: Memory): Growth | undefined {
  const group = groups.find((it) => it.members.length < it.min && !isBackedOff(it, memory, now));
  return group && { group, by: group.min - group.members.length, pods: [] };
}

const isBackedOff = ({ id }: NodeGroup, { backoff }: Memory, now: number) => (backoff.get(id)?.until ?? 0) > now;

const FULL = "max node group size reached";
const BACKOFF = "in backoff after failed scale-up";

function explain(pods: readonly Pod[], context: Context): { pod: Pod; message: string }[] {
  const { seen, memory, rehearsal } = context;
  const reasons = new Map<Pod, Map<string, number>>(pods.map((pod) => [pod, new Map()]));
  for (const group of pods.length === 0 ? [] : seen.groups) {
    const mark = rehearsal.mark();
    const name = addNewNode(group, seen, rehearsal, imagined(group, 0));
    for (const [pod, counts] of reasons) {
      const isFull = group.members.length >= group.max;
      const text = isFull
        ? FULL
        : (rehearsal.obstacle(pod, name) ?? (isBackedOff(group, memory, seen.now) ? BACKOFF : FULL));
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    rehearsal.rollBack(mark);
  }
  return [...reasons].map(([pod, counts]) => {
    const list = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
    return { pod, message: `pod didn't trigger scale-up: ${list.join(", ")}` };
  });
}
