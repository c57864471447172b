import { type Pod, type Taint, tolerates } from "../api/core/v1/index.ts";

/** The first taint that keeps the Pod away from a node, or undefined. */
export function untolerated(pod: Pod, taints: readonly Taint[]): Taint | undefined {
  const tolerations = pod.spec.tolerations ?? [];
  return taints.find(
    (taint) =>
      (taint.effect === "NoSchedule" || taint.effect === "NoExecute") &&
      !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}

/** How many PreferNoSchedule taints the Pod does not tolerate. */
export function disliked(pod: Pod, taints: readonly Taint[]): number {
  const tolerations = (pod.spec.tolerations ?? []).filter((t) => !t.effect || t.effect === "PreferNoSchedule");
  return taints.filter(
    (taint) => taint.effect === "PreferNoSchedule" && !tolerations.some((toleration) => tolerates(toleration, taint)),
  ).length;
}
