import type { Pod } from "../../api/core/v1/index.ts";
import { podRequests } from "../../api/core/v1/index.ts";
import { obstacle, type Room, withPod } from "./room.ts";

export interface Packed {
  rooms: readonly Room[];
  placed: readonly Pod[];
  left: readonly Pod[];
}

/** Puts each Pod into the first room that takes it, large Pods first. */
export function pack(pods: readonly Pod[], into: readonly Room[]): Packed {
  const rooms = [...into];
  const placed: Pod[] = [];
  const left: Pod[] = [];
  for (const pod of largestFirst(pods)) {
    const at = rooms.findIndex((room) => obstacle(pod, room, rooms) === undefined);
    if (at < 0) left.push(pod);
    else {
      rooms[at] = withPod(rooms[at]!, pod);
      placed.push(pod);
    }
  }
  return { rooms, placed, left };
}

/** The same with up to `most` rooms more as they are needed; `used` says how many. */
export function packInto(
  pods: readonly Pod[],
  known: readonly Room[],
  room: (index: number) => Room,
  most: number,
): Packed & { used: number } {
  let added: readonly Room[] = [];
  const placed: Pod[] = [];
  const left: Pod[] = [];
  for (const pod of largestFirst(pods)) {
    const all = [...known, ...added];
    const at = added.findIndex((one) => obstacle(pod, one, all) === undefined);
    if (at >= 0) {
      added = added.with(at, withPod(added[at]!, pod));
      placed.push(pod);
      continue;
    }
    const next = added.length < most ? room(added.length) : undefined;
    if (next && obstacle(pod, next, all) === undefined) {
      added = [...added, withPod(next, pod)];
      placed.push(pod);
    } else left.push(pod);
  }
  return { rooms: [...known, ...added], placed, left, used: added.length };
}

function largestFirst(pods: readonly Pod[]): Pod[] {
  const size = (pod: Pod) => {
    const { cpu, memory } = podRequests(pod.spec);
    return [cpu?.toNumber() ?? 0, memory?.toNumber() ?? 0] as const;
  };
  const sized = pods.map((pod) => ({ pod, size: size(pod) }));
  return sized.sort((a, b) => b.size[0] - a.size[0] || b.size[1] - a.size[1]).map(({ pod }) => pod);
}
