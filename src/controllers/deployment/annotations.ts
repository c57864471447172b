import type { Deployment, ReplicaSet } from "../../api/apps/v1/index.ts";
import { maxSurge } from "./limits.ts";

export const REVISION = "deployment.kubernetes.io/revision";
export const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
export const DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
export const MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";

/** Annotations that are a Deployment's or a ReplicaSet's own, not handed down. */
const OWN = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  "deprecated.deployment.rollback.to",
]);

export type Annotations = Record<string, string>;

/** An integer of 64 bits, as in Go: more than a number can tell apart. What is none counts as 0. */
function revisionFrom(text: string | undefined): bigint {
  return text !== undefined && /^[+-]?\d{1,19}$/.test(text) ? BigInt(text) : 0n;
}

export function revisionOf(object: { metadata: { annotations?: Annotations } }): bigint {
  return revisionFrom(object.metadata.annotations?.[REVISION]);
}

/** The annotations a Deployment hands down to its newest ReplicaSet. */
function handedDown(deployment: Deployment): Annotations {
  return Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !OWN.has(key)));
}

/** What the ReplicaSet is told of the Deployment's size, for scaling in proportion later. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const desired = deployment.spec.replicas ?? 1;
  return { [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(desired + maxSurge(deployment)) };
}

/** The annotations of the newest ReplicaSet: what is handed down, and its revision if that is higher than it was. */
export function newestAnnotations(deployment: Deployment, replicaSet: ReplicaSet, revision: bigint): Annotations {
  const old = replicaSet.metadata.annotations ?? {};
  const annotations: Annotations = { ...old, ...handedDown(deployment) };
  const before = old[REVISION];
  if (revision <= revisionFrom(before)) return annotations;
  annotations[REVISION] = String(revision);
  if (before !== undefined) {
    const history = old[REVISION_HISTORY];
    annotations[REVISION_HISTORY] = history ? `${history},${before}` : before;
  }
  return annotations;
}
