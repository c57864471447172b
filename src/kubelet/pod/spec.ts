import { createHash } from "node:crypto";
import type { Container, Pod } from "../../api/core/v1/index.ts";

export type Role = "init" | "sidecar" | "main" | "ephemeral";

/** The same pod is `namespace/name` in keys, `name_namespace(uid)` in Kubernetes' messages. */
export const formatPod = (pod: Pod) => `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;

export const isSidecar = (container: Container) => container.restartPolicy === "Always";

export function ephemeralContainers(pod: Pod): Container[] {
  return (pod.spec.ephemeralContainers ?? []) as unknown as Container[];
}

export function roleOf(pod: Pod, name: string): Role {
  const init = pod.spec.initContainers?.find((it) => it.name === name);
  if (init) return isSidecar(init) ? "sidecar" : "init";
  return pod.spec.containers.some((it) => it.name === name) ? "main" : "ephemeral";
}

/** Every container of the pod, whatever its role. */
export function allContainers(pod: Pod): Container[] {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...ephemeralContainers(pod)];
}

export const containerNamed = (pod: Pod, name: string) => allContainers(pod).find((it) => it.name === name);

/** Identifies a container's definition by what may not change without a restart. */
export function containerHash(container: Container): string {
  return createHash("sha256")
    .update(JSON.stringify([container.name, container.image ?? ""]))
    .digest("hex")
    .slice(0, 8);
}

/** Whether a container that ended with `exitCode` is to be started again, by its own rules or the pod's policy. */
export function restartsAfter(pod: Pod, container: Container, exitCode: number): boolean {
  for (const rule of container.restartPolicyRules ?? []) {
    const values = rule.exitCodes?.values ?? [];
    const applies = rule.exitCodes?.operator === "In" ? values.includes(exitCode) : !values.includes(exitCode);
    if (applies && rule.action === "Restart") return true;
  }
  const policy = container.restartPolicy || pod.spec.restartPolicy || "Always";
  return policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
}

/** Seconds the pod has to end, as its deletion or its spec says. */
export function gracePeriod(pod: Pod): number {
  return pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
}
