import type { Deployment } from "../../api/apps/v1/index.ts";
import { scaledAmount } from "../amounts.ts";

/** Surge is rounded up and unavailable down; both zero would stop a rollout for ever, so one may be unavailable then. */
function fenceposts(deployment: Deployment): { surge: number; unavailable: number } {
  const { maxSurge, maxUnavailable } = deployment.spec.strategy?.rollingUpdate ?? {};
  const replicas = deployment.spec.replicas ?? 1;
  const surge = scaledAmount(maxSurge, replicas, Math.ceil);
  const unavailable = scaledAmount(maxUnavailable, replicas, Math.floor);
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
