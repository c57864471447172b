import type { Pod } from "../../api/core/v1/index.ts";
import { isActive } from "../pods.ts";
import { rankForDeletion } from "./ranking.ts";
import type { Replicas } from "./replicas.ts";

/** At most so many Pods are created or deleted in one go. */
const BURST = 500;

export interface ReplicasPlan {
  create: number;
  delete: readonly Pod[];
}

/** What brings the active Pods to `spec.replicas`. `related` are the Pods of all its siblings, too. */
export function planReplicas(
  owner: Replicas,
  pods: readonly Pod[],
  related: () => readonly Pod[],
  now: number,
): ReplicasPlan {
  if (owner.metadata.deletionTimestamp !== undefined) return { create: 0, delete: [] };
  const active = pods.filter(isActive);
  const surplus = active.length - (owner.spec.replicas ?? 1);
  if (surplus <= 0) return { create: Math.min(BURST, -surplus), delete: [] };
  const ranked = surplus < active.length ? rankForDeletion(active, related().filter(isActive), now) : active;
  return { create: 0, delete: ranked.slice(0, Math.min(BURST, surplus)) };
}
