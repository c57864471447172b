import type { StatefulSet } from "../../api/apps/v1/index.ts";
import type { PersistentVolumeClaim, Pod, PodTemplateSpec } from "../../api/core/v1/index.ts";
import type { OwnerReference } from "../../apimachinery/meta.ts";
import { scaledAmount } from "../amounts.ts";
import { availableAt, isLeaving, isReady, isTerminal } from "../pods.ts";
import { claimOwners, claimsFor, isStale } from "./claims.ts";
import { firstOrdinal, inRange, ordinalOf, podFor, podName, replicasOf, revisionOf, withIdentity } from "./identity.ts";

export interface Revision {
  name: string;
  template: PodTemplateSpec;
}

export interface Situation {
  set: StatefulSet;
  /** what Pods are made from that the update has not reached */
  current: Revision;
  update: Revision;
  /** how many Pods are of the current revision */
  currentReplicas: number;
  pods: readonly Pod[];
  claimNamed(name: string): PersistentVolumeClaim | undefined;
  now: number;
  /** how long a Pod that has ended must be left before it is replaced, in ms: 0 when it need not */
  backoff(pod: Pod): number;
}

export type Step =
  /** with its claims */
  | { do: "create"; pod: Pod; ordinal: number }
  /** a Pod that has ended makes room for another */
  | { do: "replace"; pod: Pod }
  /** until it may be: its node refuses one after the other, perhaps */
  | { do: "wait"; ms: number }
  /** claims that somebody took away while the Pod waits for them */
  | { do: "claims"; pod: Pod; ordinal: number }
  | { do: "update"; pod: Pod }
  | { do: "own"; claim: PersistentVolumeClaim; owners: OwnerReference[] }
  | { do: "delete"; pod: Pod };

/** What one Pod, or one that is missing, needs; and whether those after it have to wait for it. */
interface Turn {
  steps: Step[];
  waits: boolean;
}

const isRunning = (pod: Pod): boolean => pod.status.phase === "Running" && isReady(pod);
const isHealthy = (pod: Pod | undefined): boolean => pod !== undefined && isRunning(pod) && !isLeaving(pod);

export function isAvailable(set: StatefulSet, pod: Pod, now: number): boolean {
  if (!isRunning(pod)) return false;
  return (availableAt(pod, set.spec.minReadySeconds ?? 0) ?? Number.POSITIVE_INFINITY) <= now;
}

const isOneByOne = ({ spec }: StatefulSet): boolean => spec.podManagementPolicy !== "Parallel";

/** What brings the Pods one step closer to what the StatefulSet asks for. */
export function planStatefulSet(situation: Situation): Step[] {
  const { set } = situation;
  if (set.metadata.deletionTimestamp) return [];
  const { replicas, condemned } = sortOut(set, situation.pods);
  const oneByOne = isOneByOne(set);
  const invariants = takeTurns(
    replicas.map((pod, i) => () => replicaTurn(situation, pod, firstOrdinal(set) + i)),
    oneByOne,
  );
  if (invariants.waits) return invariants.steps;
  const owners = condemned.flatMap((pod) => ownSteps(situation, pod, true));
  const firstUnhealthy = [...replicas, ...[...condemned].reverse()].find((pod) => !isHealthy(pod));
  const scaling = takeTurns(
    condemned.map((pod) => () => condemnedTurn(situation, pod, firstUnhealthy, oneByOne)),
    oneByOne,
  );
  const steps = [...invariants.steps, ...owners, ...scaling.steps];
  if (scaling.waits || set.spec.updateStrategy.type === "OnDelete") return steps;
  return [...steps, ...updateSteps(situation, replicas)];
}

/** The Pods by number, with gaps where one is missing; and those that are too many, the last first. */
function sortOut(set: StatefulSet, pods: readonly Pod[]): { replicas: (Pod | undefined)[]; condemned: Pod[] } {
  const replicas = Array<Pod | undefined>(replicasOf(set)).fill(undefined);
  const condemned: { pod: Pod; ordinal: number }[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined) continue;
    if (inRange(set, ordinal)) replicas[ordinal - firstOrdinal(set)] = pod;
    else condemned.push({ pod, ordinal });
  }
  condemned.sort((a, b) => b.ordinal - a.ordinal);
  return { replicas, condemned: condemned.map(({ pod }) => pod) };
}

/** In order, the first that has to be waited for ends the round; in parallel nobody waits for another. */
function takeTurns(turns: readonly (() => Turn)[], oneByOne: boolean): Turn {
  const steps: Step[] = [];
  for (const turn of turns) {
    const taken = turn();
    steps.push(...taken.steps);
    if (taken.waits && oneByOne) return { steps, waits: true };
  }
  return { steps, waits: false };
}

function replicaTurn(situation: Situation, pod: Pod | undefined, ordinal: number): Turn {
  const { set, now } = situation;
  if (!pod) return creation(situation, ordinal);
  if (isLeaving(pod)) return { steps: [], waits: true };
  if (isTerminal(pod)) return replacement(situation, pod);
  const waits = !isAvailable(set, pod, now);
  const claims: Step[] = lacksClaims(situation, ordinal) ? [{ do: "claims", pod, ordinal }] : [];
  // While others have to wait for this Pod, it gets what it cannot start without, and is left alone otherwise.
  if (waits && isOneByOne(set)) return { steps: pod.status.phase === "Pending" ? claims : [], waits };
  const repaired = withIdentity(pod, ordinal);
  const identity: Step[] = repaired === pod ? [] : [{ do: "update", pod: repaired }];
  return { steps: [...identity, ...claims, ...ownSteps(situation, pod, false)], waits };
}

function replacement({ backoff }: Situation, pod: Pod): Turn {
  const ms = backoff(pod);
  return { steps: [ms > 0 ? { do: "wait", ms } : { do: "replace", pod }], waits: true };
}

function creation(situation: Situation, ordinal: number): Turn {
  const { set, current, update, claimNamed } = situation;
  const stale = claimsFor(set, ordinal).some(({ metadata }) =>
    isStale(claimNamed(metadata.name ?? ""), set, podName(set, ordinal)),
  );
  if (stale) return { steps: [], waits: true };
  const { name, template } = needsCurrent(situation, ordinal) ? current : update;
  return { steps: [{ do: "create", pod: podFor(set, ordinal, template, name), ordinal }], waits: true };
}

/** Whether a missing Pod is one that the update has not reached yet. */
function needsCurrent({ set, currentReplicas }: Situation, ordinal: number): boolean {
  const { type, rollingUpdate } = set.spec.updateStrategy;
  if (type !== "RollingUpdate") return false;
  return ordinal < firstOrdinal(set) + (rollingUpdate ? (rollingUpdate.partition ?? 0) : currentReplicas);
}

function lacksClaims({ set, claimNamed }: Situation, ordinal: number): boolean {
  return claimsFor(set, ordinal).some(({ metadata }) => !claimNamed(metadata.name ?? ""));
}

/** Claims whose owner is no longer the one that the retention policy says. */
function ownSteps({ set, claimNamed }: Situation, pod: Pod, isScaledAway: boolean): Step[] {
  const ordinal = ordinalOf(set, pod) ?? 0;
  return claimsFor(set, ordinal).flatMap(({ metadata }): Step[] => {
    const claim = claimNamed(metadata.name ?? "");
    const owners = claim && claimOwners(claim, set, pod, isScaledAway);
    return owners ? [{ do: "own", claim, owners }] : [];
  });
}

/** Scaling down, one by one, halts while another Pod is unhealthy: but an unhealthy Pod itself may go. */
function condemnedTurn({ set, now }: Situation, pod: Pod, firstUnhealthy: Pod | undefined, oneByOne: boolean): Turn {
  if (isLeaving(pod)) return { steps: [], waits: true };
  if (oneByOne && !isAvailable(set, pod, now) && pod !== firstUnhealthy) return { steps: [], waits: true };
  return { steps: [{ do: "delete", pod }], waits: true };
}

/** From the last Pod to the first, those that are not of the new revision yet. */
function updateSteps(situation: Situation, replicas: readonly (Pod | undefined)[]): Step[] {
  const { set, update, now } = situation;
  const { partition = 0, maxUnavailable } = set.spec.updateStrategy.rollingUpdate ?? {};
  const isOld = (pod: Pod) => revisionOf(pod) !== update.name && !isLeaving(pod);
  const targets = replicas.slice(partition).reverse();
  if (maxUnavailable === undefined) {
    const isSound = (pod: Pod) => !isLeaving(pod) && isAvailable(set, pod, now);
    const first = targets.find((pod) => !pod || !isSound(pod) || isOld(pod));
    return first && isOld(first) ? [{ do: "delete", pod: first }] : [];
  }
  const most = Math.max(1, scaledAmount(maxUnavailable, replicas.length, Math.ceil));
  const missing = replicas.filter((pod) => !pod || isLeaving(pod) || !isAvailable(set, pod, now)).length;
  const old = targets.filter((pod) => pod !== undefined && isOld(pod)) as Pod[];
  return old.slice(0, Math.max(0, most - missing)).map((pod) => ({ do: "delete", pod }));
}
