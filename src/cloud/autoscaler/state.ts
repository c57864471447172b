import type { DaemonSet } from "../../api/apps/v1/index.ts";
import type { Node, Pod } from "../../api/core/v1/index.ts";
import type { PodDisruptionBudget } from "../../api/policy/v1/index.ts";
import type { NodeGroup } from "../provider.ts";
import type { AutoscalerOptions } from "./options.ts";

/** What there is, as a decision needs it. */
export interface Seen {
  now: number;
  groups: readonly NodeGroup[];
  nodes: readonly Node[];
  pods: readonly Pod[];
  daemonSets: readonly DaemonSet[];
  budgets: readonly PodDisruptionBudget[];
}

/** What the autoscaler remembers from look to look; nothing of it is missed after a restart, it only waits longer. */
export interface Memory {
  /** since when members of groups are on their way, by name */
  awaited: ReadonlyMap<string, number>;
  /** since when nodes are idle, by name */
  unneeded: ReadonlyMap<string, number>;
  /** when nodes were last asked for */
  lastGrown?: number;
  /** when a node could last not be emptied */
  lastFailed?: number;
  /** until when a group is left alone and why, by id */
  backoff: ReadonlyMap<string, Backoff>;
}
export interface Backoff {
  until: number;
  /** how long it lasts; the next in a row lasts twice as long */
  lasts: number;
  errorCode: string;
  errorMessage: string;
}

export const NOTHING: Memory = { awaited: new Map(), unneeded: new Map(), backoff: new Map() };

/** Its Pods are leaving; the value is since when, in seconds since the Unix epoch. */
export const LEAVING = "ToBeDeletedByClusterAutoscaler";

/** It may go soon: Pods had better go elsewhere. The value is since when, too. */
export const CANDIDATE = "DeletionCandidateOfClusterAutoscaler";
export const isCandidate = ({ spec }: Node) => spec.taints?.some(({ key }) => key === CANDIDATE) ?? false;

export const leavingTaint = ({ spec }: Node) => spec.taints?.find(({ key }) => key === LEAVING);

export const isDaemon = ({ metadata }: Pod) =>
  metadata.ownerReferences?.some(({ controller, kind }) => controller && kind === "DaemonSet") ?? false;
export const isMirror = ({ metadata }: Pod) => metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined;

/** The scheduler found no node for it. */
export const isUnschedulable = ({ metadata, spec, status }: Pod) =>
  !spec.nodeName &&
  !metadata.deletionTimestamp &&
  (status.conditions ?? []).some(
    ({ type, status: is, reason }) => type === "PodScheduled" && is === "False" && reason === "Unschedulable",
  );

/** Too unimportant to ask for a node, or to hold one. */
export const isExpendable = ({ spec }: Pod, { expendablePriority }: Pick<AutoscalerOptions, "expendablePriority">) =>
  (spec.priority ?? 0) < expendablePriority;

/** Its time to end (which `deletionTimestamp` tells, grace period included) is over: its node has fallen silent. */
export const isLongGone = ({ metadata }: Pod, now: number) =>
  metadata.deletionTimestamp !== undefined && now - Date.parse(metadata.deletionTimestamp) > 30_000;

/** How the map looks with exactly these names, each since when it was first among them. */
export function since(old: ReadonlyMap<string, number>, names: Iterable<string>, now: number): Map<string, number> {
  return new Map([...names].map((name) => [name, old.get(name) ?? now]));
}

interface Failure {
  now: number;
  errorCode: string;
  errorMessage: string;
}

/** How long a group is left alone that failed to grow. Pure. */
export function backOff(before: Backoff | undefined, failure: Failure, options: AutoscalerOptions): Backoff {
  const { now, errorCode, errorMessage } = failure;
  const isInARow = before !== undefined && now - before.until < options.backoffReset;
  const lasts = isInARow ? Math.min(2 * before.lasts, options.maxBackoff) : options.backoff;
  return { until: now + lasts, lasts, errorCode, errorMessage };
}
