import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from "../../api/apps/v1/index.ts";
import { formatTime, parseTime } from "../../apimachinery/time.ts";
import { sameStatusAndReason, withCondition, withoutCondition } from "../conditions.ts";
import { maxUnavailable } from "./limits.ts";
import type { Generations } from "./replicaSets.ts";
import { sizeOf, sum } from "./sizes.ts";

/** A deadline so large means none. */
const NO_DEADLINE = 2 ** 31 - 1;

type Reason = { status: "True" | "False" | "Unknown"; reason: string; message: string };

export function condition(type: string, { status, reason, message }: Reason, now: number): DeploymentCondition {
  const time = formatTime(now);
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message };
}

export function setCondition(status: DeploymentStatus, next: DeploymentCondition): DeploymentStatus {
  return { ...status, conditions: withCondition(status.conditions, next, sameStatusAndReason) };
}

export function progressing(status: DeploymentStatus): DeploymentCondition | undefined {
  return status.conditions?.find((c) => c.type === "Progressing");
}

export function hasDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec.progressDeadlineSeconds;
  return seconds !== undefined && seconds !== NO_DEADLINE;
}

/** The counts, and whether enough is available. */
export function countStatus(deployment: Deployment, generations: Generations, now: number): DeploymentStatus {
  const { newest, old } = generations;
  const sets = newest ? [...old, newest] : old;
  const available = sum(sets, (set) => set.status.availableReplicas ?? 0);
  const status: DeploymentStatus = {
    observedGeneration: deployment.metadata.generation,
    replicas: sum(sets, (set) => set.status.replicas),
    updatedReplicas: newest?.status.replicas ?? 0,
    readyReplicas: sum(sets, (set) => set.status.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(sets, sizeOf) - available),
    terminatingReplicas: sum(sets, (set) => set.status.terminatingReplicas ?? 0),
    collisionCount: deployment.status.collisionCount,
    conditions: deployment.status.conditions,
  };
  const enough = available >= (deployment.spec.replicas ?? 1) - maxUnavailable(deployment);
  return setCondition(status, condition("Available", enough ? ENOUGH : TOO_FEW, now));
}

const ENOUGH: Reason = {
  status: "True",
  reason: "MinimumReplicasAvailable",
  message: "Deployment has minimum availability.",
};
const TOO_FEW: Reason = {
  status: "False",
  reason: "MinimumReplicasUnavailable",
  message: "Deployment does not have minimum availability.",
};

/** Everything is of the newest template, available, and nothing else is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = deployment.spec.replicas ?? 1;
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function hasProgressed(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const oldOnes = (s: DeploymentStatus) => (s.replicas ?? 0) - (s.updatedReplicas ?? 0);
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    oldOnes(now) < oldOnes(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** When the rollout is given up if nothing happens, in ms; undefined when there is nothing to wait for. */
export function deadlineAt(deployment: Deployment, status: DeploymentStatus): number | undefined {
  const current = progressing(status);
  if (!hasDeadline(deployment) || !current?.lastUpdateTime) return undefined;
  if (current.reason === "NewReplicaSetAvailable" || current.reason === "ProgressDeadlineExceeded") return undefined;
  if (deployment.spec.paused) return undefined;
  return parseTime(current.lastUpdateTime) + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000;
}

/** The status of a rollout: the counts, how it gets on, and why Pods cannot be made. */
export function rolloutStatus(deployment: Deployment, generations: Generations, now: number): DeploymentStatus {
  let status = countStatus(deployment, generations, now);
  if (!hasDeadline(deployment)) status = without(status, "Progressing");
  else if (!isSettled(status)) status = progress(deployment, generations, status, now);
  const failure = replicaFailure(generations);
  return failure ? setCondition(status, { ...failure }) : without(status, "ReplicaFailure");
}

/** Once complete, a rollout stays complete, also while Pods come and go or the Deployment is scaled. */
function isSettled(status: DeploymentStatus): boolean {
  return status.replicas === status.updatedReplicas && progressing(status)?.reason === "NewReplicaSetAvailable";
}

function without(status: DeploymentStatus, type: string): DeploymentStatus {
  return { ...status, conditions: withoutCondition(status.conditions, type) };
}

function progress(
  deployment: Deployment,
  { newest }: Generations,
  status: DeploymentStatus,
  now: number,
): DeploymentStatus {
  const subject = newest ? `ReplicaSet "${newest.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, status)) {
    const reason = { reason: "NewReplicaSetAvailable", message: `${subject} has successfully progressed.` };
    return setCondition(status, condition("Progressing", { status: "True", ...reason }, now));
  }
  if (hasProgressed(deployment.status, status)) {
    const reason = { reason: "ReplicaSetUpdated", message: `${subject} is progressing.` };
    const next = condition("Progressing", { status: "True", ...reason }, now);
    // The update time must move on, though status and reason stay: the deadline counts from it.
    return { ...status, conditions: withCondition(status.conditions, next, () => false) };
  }
  const deadline = deadlineAt(deployment, status);
  if (deadline === undefined || now <= deadline) return status;
  const reason = { reason: "ProgressDeadlineExceeded", message: `${subject} has timed out progressing.` };
  return setCondition(status, condition("Progressing", { status: "False", ...reason }, now));
}

/** The failure of the newest ReplicaSet, else of any. */
function replicaFailure({ newest, old }: Generations): DeploymentCondition | undefined {
  const of = (set: ReplicaSet | undefined) => set?.status.conditions?.find((c) => c.type === "ReplicaFailure");
  const found = of(newest) ?? old.map(of).find((c) => c !== undefined);
  return found && { ...found, lastUpdateTime: found.lastTransitionTime };
}
