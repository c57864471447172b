import type { Pod } from "../../api/core/v1/index.ts";
import { podRequests } from "../../api/core/v1/index.ts";
import type { Rehearsal } from "./rehearsal.ts";

export interface Packed {
  placed: readonly Pod[];
  left: readonly Pod[];
}

/** Puts each Pod on the first of the nodes that takes it, large Pods first. */
export function pack(pods: readonly Pod[], names: readonly string[], rehearsal: Rehearsal): Packed {
  return each(pods, (pod) => {
    const name = rehearsal.findRoom(pod, names);
    if (name !== undefined) rehearsal.place(pod, name);
    return name !== undefined;
  });
}

/** Puts the Pods on up to `most` new nodes, each added when it is needed; answers their names as well. */
export function packIntoNew(
  pods: readonly Pod[],
  add: (index: number) => string,
  most: number,
  rehearsal: Rehearsal,
): Packed & { added: readonly string[] } {
  const added: string[] = [];
  const packed = each(pods, (pod) => {
    const known = rehearsal.findRoom(pod, added);
    if (known !== undefined) {
      rehearsal.place(pod, known);
      return true;
    }
    if (added.length >= most) return false;
    const mark = rehearsal.mark();
    const next = add(added.length);
    if (rehearsal.obstacle(pod, next) !== undefined) {
      rehearsal.rollBack(mark);
      return false;
    }
    rehearsal.place(pod, next);
    added.push(next);
    return true;
  });
  return { ...packed, added };
}

function each(pods: readonly Pod[], fits: (pod: Pod) => boolean): Packed {
  const placed: Pod[] = [];
  const left: Pod[] = [];
  /** owners of Pods that fit nowhere: their other Pods need not be tried */
  const hopeless = new Set<string>();
  for (const pod of largestFirst(pods)) {
    const sort = sortOf(pod);
    if (sort !== undefined && hopeless.has(sort)) left.push(pod);
    else if (fits(pod)) placed.push(pod);
    else {
      left.push(pod);
      if (sort !== undefined) hopeless.add(sort);
    }
  }
  return { placed, left };
}

/** Pods of one owner are alike, but for volumes of their own and for those that want to be near what was just placed. */
function sortOf({ metadata, spec }: Pod): string | undefined {
  const hasClaims = spec.volumes?.some((volume) => volume.persistentVolumeClaim || volume.ephemeral);
  if (hasClaims || spec.affinity?.podAffinity) return undefined;
  return metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
}

function largestFirst(pods: readonly Pod[]): Pod[] {
  const size = (pod: Pod) => {
    const { cpu, memory } = podRequests(pod.spec);
    return [cpu?.toNumber() ?? 0, memory?.toNumber() ?? 0] as const;
  };
  const sized = pods.map((pod) => ({ pod, size: size(pod) }));
  return sized.sort((a, b) => b.size[0] - a.size[0] || b.size[1] - a.size[1]).map(({ pod }) => pod);
}
