import type { Deployment } from "../../api/apps/v1/index.ts";

type Amount = number | string | undefined;

/** A number, or a percentage of `total`. */
function resolve(amount: Amount, total: number, round: (x: number) => number): number {
  if (typeof amount === "string" && amount.endsWith("%")) return round((Number(amount.slice(0, -1)) * total) / 100);
  return Number(amount ?? 0) || 0;
}

/** Surge is rounded up and unavailable down; both zero would stop a rollout for ever, so one may be unavailable then. */
function fenceposts(deployment: Deployment): { surge: number; unavailable: number } {
  const { maxSurge, maxUnavailable } = deployment.spec.strategy?.rollingUpdate ?? {};
  const replicas = deployment.spec.replicas ?? 1;
  const surge = resolve(maxSurge, replicas, Math.ceil);
  const unavailable = resolve(maxUnavailable, replicas, Math.floor);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

export function isRolling(deployment: Deployment): boolean {
  return deployment.spec.strategy?.type === "RollingUpdate";
}

/** How many Pods there may be beyond the wanted number during a rolling update. */
export function maxSurge(deployment: Deployment): number {
  return isRolling(deployment) ? fenceposts(deployment).surge : 0;
}

/** How many of the wanted Pods may be unavailable during a rolling update. */
export function maxUnavailable(deployment: Deployment): number {
  const replicas = deployment.spec.replicas ?? 1;
  if (!isRolling(deployment) || replicas === 0) return 0;
  return Math.min(fenceposts(deployment).unavailable, replicas);
}
