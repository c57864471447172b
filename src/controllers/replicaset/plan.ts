import type { ReplicaSet } from "../../api/apps/v1/index.ts";
import { ReplicaSet as ReplicaSetKind } from "../../api/apps/v1/index.ts";
import { Pod } from "../../api/core/v1/index.ts";
import { controllerReference } from "../ownership.ts";
import { isActive } from "../pods.ts";
import { rankForDeletion } from "./ranking.ts";

/** At most so many Pods are created or deleted in one go. */
const BURST = 500;

export interface ReplicasPlan {
  create: number;
  delete: readonly Pod[];
}

/** What brings the active Pods to `spec.replicas`. `related` are the Pods of all ReplicaSets of the same owner. */
export function planReplicas(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  related: () => readonly Pod[],
  now: number,
): ReplicasPlan {
  if (replicaSet.metadata.deletionTimestamp !== undefined) return { create: 0, delete: [] };
  const active = pods.filter(isActive);
  const surplus = active.length - (replicaSet.spec.replicas ?? 1);
  if (surplus <= 0) return { create: Math.min(BURST, -surplus), delete: [] };
  const ranked = surplus < active.length ? rankForDeletion(active, related().filter(isActive), now) : active;
  return { create: 0, delete: ranked.slice(0, Math.min(BURST, surplus)) };
}

/** A Pod as the ReplicaSet's template describes it. */
export function podFromTemplate(replicaSet: ReplicaSet): Pod {
  const { metadata, spec } = replicaSet.spec.template!;
  const { labels, annotations, finalizers } = metadata;
  return {
    apiVersion: Pod.apiVersion,
    kind: Pod.kind,
    metadata: {
      generateName: `${replicaSet.metadata.name}-`.slice(0, 253),
      namespace: replicaSet.metadata.namespace,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(ReplicaSetKind, replicaSet)],
    },
    spec,
    status: {},
  } as Pod;
}
