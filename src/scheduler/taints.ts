import type { Pod, Taint, Toleration } from "../api/core/v1/index.ts";

/** Whether one toleration covers one taint: empty fields cover everything, `Exists` any value. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator || "Equal") {
    case "Exists":
      return true;
    case "Equal":
      return Boolean(toleration.key) && (toleration.value ?? "") === (taint.value ?? "");
    case "Gt":
      return compareIntegers(taint.value, toleration.value, (taintValue, bound) => taintValue > bound);
    case "Lt":
      return compareIntegers(taint.value, toleration.value, (taintValue, bound) => taintValue < bound);
    default:
      return false;
  }
}

function compareIntegers(a: string | undefined, b: string | undefined, compare: (a: bigint, b: bigint) => boolean) {
  return /^-?\d+$/.test(a ?? "") && /^-?\d+$/.test(b ?? "") && compare(BigInt(a!), BigInt(b!));
}

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
