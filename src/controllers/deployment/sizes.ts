import type { Deployment, ReplicaSet } from "../../api/apps/v1/index.ts";
import { DESIRED_REPLICAS, MAX_REPLICAS } from "./annotations.ts";
import { maxSurge, maxUnavailable } from "./limits.ts";
import { byAge, type Generations } from "./replicaSets.ts";

/** The sizes that ReplicaSets shall have; what is not named keeps its size. */
export type Sizes = Map<ReplicaSet, number>;

export const sizeOf = (set: ReplicaSet): number => set.spec.replicas ?? 1;
const available = (set: ReplicaSet): number => set.status.availableReplicas ?? 0;
export const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number =>
  sets.reduce((total, set) => total + of(set), 0);
const all = ({ newest, old }: Generations): ReplicaSet[] => (newest ? [...old, newest] : [...old]);

/** The size of the newest ReplicaSet: as many as are wanted, as far as the surge allows. */
export function newestSize(deployment: Deployment, generations: Generations): number {
  const wanted = deployment.spec.replicas ?? 1;
  const size = generations.newest ? sizeOf(generations.newest) : 0;
  if (deployment.spec.strategy?.type === "Recreate" || size >= wanted) return wanted;
  const room = wanted + maxSurge(deployment) - sum(all(generations), sizeOf);
  return size + Math.max(0, Math.min(room, wanted - size));
}

/** One step of a rolling update: first the newest grows; when it cannot, the old ones shrink. */
export function rollingSizes(deployment: Deployment, generations: Generations): Sizes {
  const { newest } = generations;
  if (newest) {
    const size = newestSize(deployment, generations);
    if (size !== sizeOf(newest)) return new Map([[newest, size]]);
  }
  return shrinkOld(deployment, generations);
}

/**
 * Old Pods go as far as enough stay available, counting on none of the newest that are not available yet. Unavailable
 * old Pods go first: they serve nobody.
 */
function shrinkOld(deployment: Deployment, generations: Generations): Sizes {
  const { newest, old } = generations;
  const sizes: Sizes = new Map();
  if (sum(old, sizeOf) === 0) return sizes;
  const least = (deployment.spec.replicas ?? 1) - maxUnavailable(deployment);
  const newestUnavailable = newest ? sizeOf(newest) - available(newest) : 0;
  const mayGo = sum(all(generations), sizeOf) - least - newestUnavailable;
  if (mayGo <= 0) return sizes;
  shrink(sizes, old, mayGo, (set, size) => Math.max(0, size - available(set)));
  shrink(sizes, old, sum(all(generations), available) - least, (_, size) => size);
  return sizes;
}

/** Takes up to `count` Pods away, oldest ReplicaSet first, from each at most what `most` says. */
function shrink(
  sizes: Sizes,
  sets: readonly ReplicaSet[],
  count: number,
  most: (set: ReplicaSet, size: number) => number,
) {
  let left = count;
  for (const set of sets) {
    if (left <= 0) return;
    const size = sizes.get(set) ?? sizeOf(set);
    const cut = Math.min(left, most(set, size));
    if (cut > 0) sizes.set(set, size - cut);
    left -= Math.max(0, cut);
  }
}

/** Whether the wanted number changed since the ReplicaSets were last sized. */
export function isScaling(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  const wanted = String(deployment.spec.replicas ?? 1);
  return sets.some((set) => {
    const desired = set.metadata.annotations?.[DESIRED_REPLICAS];
    return sizeOf(set) > 0 && desired !== undefined && desired !== wanted;
  });
}

/** Sizes after the Deployment was scaled, or while it is paused: nothing is rolled out, but the sum is kept right. */
export function scaledSizes(deployment: Deployment, generations: Generations): Sizes {
  const wanted = deployment.spec.replicas ?? 1;
  const active = all(generations).filter((set) => sizeOf(set) > 0);
  const single = active.length > 1 ? undefined : (active[0] ?? generations.newest ?? generations.old.at(-1));
  if (single) return new Map([[single, wanted]]);
  if (isSaturated(deployment, generations.newest)) {
    return new Map(generations.old.filter((set) => sizeOf(set) > 0).map((set) => [set, 0]));
  }
  return deployment.spec.strategy?.type === "RollingUpdate" ? proportionalSizes(deployment, active) : new Map();
}

/** The newest ReplicaSet has all the Pods there shall be, and all are available. */
function isSaturated(deployment: Deployment, newest: ReplicaSet | undefined): boolean {
  if (!newest) return false;
  const wanted = deployment.spec.replicas ?? 1;
  const desired = Number(newest.metadata.annotations?.[DESIRED_REPLICAS] ?? Number.NaN);
  return sizeOf(newest) === wanted && desired === wanted && available(newest) === wanted;
}

/** In the middle of a rolling update, what is added or taken away is shared among the active in proportion to their size. */
function proportionalSizes(deployment: Deployment, active: readonly ReplicaSet[]): Sizes {
  const wanted = deployment.spec.replicas ?? 1;
  const allowed = wanted > 0 ? wanted + maxSurge(deployment) : 0;
  const toAdd = allowed - sum(active, sizeOf);
  const sorted = [...active].sort((a, b) => sizeOf(b) - sizeOf(a) || (toAdd > 0 ? byAge(b, a) : byAge(a, b)));
  const sizes: Sizes = new Map();
  let added = 0;
  for (const set of sorted) {
    const share = toAdd === 0 || toAdd === added ? 0 : shareOf(deployment, set, toAdd - added);
    sizes.set(set, sizeOf(set) + share);
    added += share;
  }
  const first = sorted[0];
  if (first && toAdd !== 0) sizes.set(first, Math.max(0, (sizes.get(first) ?? 0) + toAdd - added));
  return sizes;
}

function shareOf(deployment: Deployment, set: ReplicaSet, left: number): number {
  const fraction = fractionOf(deployment, set);
  return left > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

/** How much a ReplicaSet would change if it kept its share of the whole. */
function fractionOf(deployment: Deployment, set: ReplicaSet): number {
  const wanted = deployment.spec.replicas ?? 1;
  if (wanted === 0) return -sizeOf(set);
  const before = Number(set.metadata.annotations?.[MAX_REPLICAS] ?? 0) || (deployment.status.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((sizeOf(set) * (wanted + maxSurge(deployment))) / before) - sizeOf(set);
}
