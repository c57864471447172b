import type { Pod, PodAffinityTerm } from "../../api/core/v1/index.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import type { Room } from "./room.ts";

/** Whether required anti-affinity, of this Pod or of those that are there, keeps it out of the room. */
export function isKeptApart(pod: Pod, room: Room, all: readonly Room[]): boolean {
  const own = antiAffinity(pod);
  return [room, ...all.filter((other) => other !== room)].some((other) =>
    other.pods.some(
      (there) =>
        own.some((term) => isSamePlace(term, room, other) && concerns(term, pod, there)) ||
        antiAffinity(there).some((term) => isSamePlace(term, room, other) && concerns(term, there, pod)),
    ),
  );
}

const antiAffinity = ({ spec }: Pod): readonly PodAffinityTerm[] =>
  spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

function isSamePlace({ topologyKey }: PodAffinityTerm, a: Room, b: Room): boolean {
  const value = a.node.metadata.labels?.[topologyKey];
  return value !== undefined && value === b.node.metadata.labels?.[topologyKey];
}

/** Whether the term of `owner` means `other`. Which namespaces a selector finds is not known here: all, to be careful. */
function concerns(term: PodAffinityTerm, owner: Pod, other: Pod): boolean {
  const named = term.namespaces?.length ? term.namespaces : [owner.metadata.namespace ?? ""];
  const isThere = term.namespaceSelector !== undefined || named.includes(other.metadata.namespace ?? "");
  return isThere && labelSelector(term.labelSelector).matches(other.metadata.labels ?? {});
}
