import { isTerminal, type Pod } from "../../api/core/v1/index.ts";
import type { PodDisruptionBudget } from "../../api/policy/v1/index.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import type { AutoscalerOptions } from "./options.ts";
import { isDaemon, isMirror } from "./state.ts";

const SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict";
const SAFE_VOLUMES = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";

/** Who makes another Pod for one that went. Of other controllers nobody knows. */
const REPLICATING = new Set(["ReplicationController", "ReplicaSet", "StatefulSet", "Job", "DaemonSet"]);

type Rules = Pick<AutoscalerOptions, "localStorageHolds" | "systemPodsHold">;

/** What need not leave a node before it goes: it goes with it. */
export const staysBehind = (pod: Pod) => isDaemon(pod) || isMirror(pod) || isTerminal(pod);

/** Why the Pod holds its node now; undefined when it may be moved. */
export function holdsNode(pod: Pod, budgets: readonly PodDisruptionBudget[], rules: Rules): string | undefined {
  const used = budgetsOf(pod, budgets).some(({ status }) => (status?.disruptionsAllowed ?? 0) < 1);
  return used ? "not enough pod disruption budget" : mayNotMove(pod, budgets, rules);
}

/** Why the Pod holds its node however long one waits. */
export function mayNotMove(pod: Pod, budgets: readonly PodDisruptionBudget[], rules: Rules): string | undefined {
  const safe = pod.metadata.annotations?.[SAFE_TO_EVICT];
  if (safe === "true") return undefined;
  if (safe === "false") return "pod annotated as not safe to evict";
  if (!pod.metadata.ownerReferences?.some((it) => it.controller && REPLICATING.has(it.kind)))
    return "pod is not replicated";
  const isSystem = pod.metadata.namespace === "kube-system";
  if (rules.systemPodsHold && isSystem && budgetsOf(pod, budgets).length === 0)
    return "non-daemonset kube-system pod without budget";
  return rules.localStorageHolds && hasLocalStorage(pod) ? "pod with local storage" : undefined;
}

function budgetsOf(pod: Pod, budgets: readonly PodDisruptionBudget[]): PodDisruptionBudget[] {
  return budgets.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.metadata.namespace &&
      spec.selector !== undefined &&
      labelSelector(spec.selector).matches(pod.metadata.labels ?? {}),
  );
}

function hasLocalStorage({ metadata, spec }: Pod): boolean {
  const safe = metadata.annotations?.[SAFE_VOLUMES]?.split(",") ?? [];
  return (spec.volumes ?? []).some(
    ({ name, emptyDir, hostPath }) =>
      (hostPath !== undefined || (emptyDir !== undefined && emptyDir.medium !== "Memory")) && !safe.includes(name),
  );
}
