import type { Deployment, DeploymentStatus, ReplicaSet } from "../../api/apps/v1/index.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { newestAnnotations, REVISION, revisionOf, sizeAnnotations } from "./annotations.ts";
import { isRolling } from "./limits.ts";
import { type Generations, newReplicaSet, nextRevision, sortOut } from "./replicaSets.ts";
import { isScaling, newestSize, rollingSizes, type Sizes, scaledSizes, sizeOf } from "./sizes.ts";
import { condition, countStatus, hasDeadline, isComplete, progressing, rolloutStatus, setCondition } from "./status.ts";

export type Step =
  | { do: "create"; replicaSet: ReplicaSet }
  | { do: "update"; replicaSet: ReplicaSet; from: number }
  | { do: "delete"; replicaSet: ReplicaSet };

export interface DeploymentPlan {
  steps: Step[];
  status: DeploymentStatus;
  /** the revision annotation the Deployment shall have */
  revision: string | undefined;
}

/** What brings a Deployment one step closer to its specification, from what is there now. */
export function planDeployment(
  given: Deployment,
  replicaSets: readonly ReplicaSet[],
  oldPodsRun: boolean,
  now: number,
): DeploymentPlan {
  const generations = sortOut(given, replicaSets);
  const revision = (g: Generations) => g.newest?.metadata.annotations?.[REVISION];
  if (given.metadata.deletionTimestamp) {
    return { steps: [], status: countStatus(given, generations, now), revision: undefined };
  }
  const deployment = { ...given, status: pauseConditions(given, now) };
  const rollsOut = !deployment.spec.paused && !isScaling(deployment, replicaSets);
  const next = rollsOut
    ? rollOut(deployment, generations, oldPodsRun)
    : resize(deployment, generations, scaledSizes(deployment, generations));
  const seen = { ...deployment, status: newestCondition(deployment, generations, next, now) };
  const status = rollsOut ? rolloutStatus(seen, next, now) : countStatus(seen, next, now);
  const steps = changes(generations, next);
  if (steps.length === 0 && (deployment.spec.paused || (rollsOut && isComplete(deployment, status)))) {
    steps.push(...cleanUp(deployment, generations.old));
  }
  return { steps, status, revision: revision(next) };
}

function rollOut(deployment: Deployment, generations: Generations, oldPodsRun: boolean): Generations {
  if (isRolling(deployment)) {
    if (!generations.newest) return create(deployment, generations);
    return resize(deployment, generations, rollingSizes(deployment, generations));
  }
  const active = generations.old.filter((set) => sizeOf(set) > 0);
  if (active.length > 0) return resize(deployment, generations, new Map(active.map((set) => [set, 0])));
  if (oldPodsRun) return resize(deployment, generations, new Map());
  if (!generations.newest) return create(deployment, generations);
  const size = newestSize(deployment, generations);
  return resize(
    deployment,
    generations,
    size === sizeOf(generations.newest) ? new Map() : new Map([[generations.newest, size]]),
  );
}

function create(deployment: Deployment, generations: Generations): Generations {
  const size = newestSize(deployment, generations);
  const revision = nextRevision(generations.old);
  const handed = newestAnnotations(deployment, { metadata: {} } as ReplicaSet, revision);
  return { ...generations, newest: newReplicaSet(deployment, size, revision, handed) };
}

/** The ReplicaSets with their new sizes, and the newest with all that its Deployment hands down. */
function resize(deployment: Deployment, { newest, old }: Generations, sizes: Sizes): Generations {
  const sized = (set: ReplicaSet): ReplicaSet => {
    const replicas = sizes.get(set);
    if (replicas === undefined) return set;
    const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) };
    return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } };
  };
  return { newest: newest && handDown(deployment, sized(newest), nextRevision(old)), old: old.map(sized) };
}

function handDown(deployment: Deployment, set: ReplicaSet, revision: bigint): ReplicaSet {
  const { minReadySeconds } = deployment.spec;
  const { minReadySeconds: _, ...spec } = set.spec;
  const annotations = newestAnnotations(deployment, set, revision);
  const metadata = { ...set.metadata, annotations };
  return { ...set, metadata, spec: { ...spec, ...(minReadySeconds ? { minReadySeconds } : {}) } };
}

function changes(before: Generations, after: Generations): Step[] {
  const steps: Step[] = [];
  const update = (old: ReplicaSet, set: ReplicaSet) => {
    if (!sameWhenWritten(old, set)) steps.push({ do: "update", replicaSet: set, from: sizeOf(old) });
  };
  if (after.newest && !before.newest) steps.push({ do: "create", replicaSet: after.newest });
  else if (after.newest && before.newest) update(before.newest, after.newest);
  for (const [i, set] of after.old.entries()) update(before.old[i]!, set);
  return steps;
}

const byRevision = (a: ReplicaSet, b: ReplicaSet): number => Number(revisionOf(a) - revisionOf(b));

/** Empty old ReplicaSets beyond the history limit, the oldest revisions first. */
function cleanUp(deployment: Deployment, old: readonly ReplicaSet[]): Step[] {
  const limit = deployment.spec.revisionHistoryLimit;
  if (limit === undefined) return [];
  const alive = old.filter((set) => !set.metadata.deletionTimestamp);
  const beyond = [...alive].sort(byRevision).slice(0, Math.max(0, alive.length - limit));
  const isEmpty = (set: ReplicaSet) =>
    sizeOf(set) === 0 &&
    set.status.replicas === 0 &&
    (set.metadata.generation ?? 0) <= (set.status.observedGeneration ?? 0);
  return beyond.filter(isEmpty).map((replicaSet) => ({ do: "delete", replicaSet }));
}

/** While paused, and after, no deadline runs: the condition says so. */
function pauseConditions(deployment: Deployment, now: number): DeploymentStatus {
  const { status, spec } = deployment;
  const current = progressing(status);
  if (!hasDeadline(deployment) || current?.reason === "ProgressDeadlineExceeded") return status;
  const wasPaused = current?.reason === "DeploymentPaused";
  if (Boolean(spec.paused) === wasPaused) return status;
  const reason = spec.paused
    ? { reason: "DeploymentPaused", message: "Deployment is paused" }
    : { reason: "DeploymentResumed", message: "Deployment is resumed" };
  return setCondition(status, condition("Progressing", { status: "Unknown", ...reason }, now));
}

/** A rollout begins with the condition that its ReplicaSet was made, or found. */
function newestCondition(
  deployment: Deployment,
  before: Generations,
  after: Generations,
  now: number,
): DeploymentStatus {
  const { status } = deployment;
  const name = after.newest?.metadata.name;
  if (!after.newest || !hasDeadline(deployment)) return status;
  const isMade = !before.newest;
  if (!isMade && progressing(status)) return status;
  const reason = isMade
    ? { reason: "NewReplicaSetCreated", message: `Created new replica set "${name}"` }
    : { reason: "FoundNewReplicaSet", message: `Found new replica set "${name}"` };
  return setCondition(status, condition("Progressing", { status: "True", ...reason }, now));
}
