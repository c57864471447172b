import type { Container, Pod } from "../../api/core/v1/index.ts";
import type { LinuxContainerResources } from "../../cri/index.ts";
import { containerResources, milliOf, type PodLimits, podRequests, unitsOf } from "./resources.ts";

/** What a container asks for and may use. */
export type Resources = NonNullable<Container["resources"]>;
export interface Amounts {
  cpu: number;
  memory: number;
}

const RESIZABLE = ["cpu", "memory"] as const;

/** The resources whose amounts differ, however they are written. */
export function differing(a: Resources | undefined, b: Resources | undefined): (typeof RESIZABLE)[number][] {
  return RESIZABLE.filter(
    (name) =>
      milliOf(a?.requests?.[name]) !== milliOf(b?.requests?.[name]) ||
      milliOf(a?.limits?.[name]) !== milliOf(b?.limits?.[name]),
  );
}

/** Whether this change, by the container's own policy, needs a new start. */
export function needsRestart(container: Container, held: Resources | undefined): boolean {
  const policy = (name: string) => container.resizePolicy?.find((it) => it.resourceName === name)?.restartPolicy;
  return differing(held, container.resources).some((name) => policy(name) === "RestartContainer");
}

/** The pod with other resources in its containers; the same object when nothing differs. */
export function withResources(pod: Pod, resources: (container: Container) => Resources | undefined): Pod {
  let changed = false;
  const sized = <C extends Container>(container: C): C => {
    const to = resources(container);
    if (to === undefined || to === container.resources) return container;
    changed = true;
    return { ...container, resources: to };
  };
  const containers = pod.spec.containers.map(sized);
  const initContainers = pod.spec.initContainers?.map(sized);
  if (!changed) return pod;
  return { ...pod, spec: { ...pod.spec, containers, ...(initContainers ? { initContainers } : {}) } };
}

export type Verdict = { is: "accepted" } | { is: "Deferred" | "Infeasible"; resource: string; message: string };

/** Whether this node can give what a pod now asks for: never, not now, or at once. Pure. */
export function judgeResize(asked: Pod, capacity: Amounts, others: Amounts): Verdict {
  const requests = podRequests(asked);
  for (const name of RESIZABLE) {
    if (requests[name] <= capacity[name]) continue;
    const message = `Node didn't have enough capacity: ${name}, requested: ${requests[name]}, capacity: ${capacity[name]}`;
    return { is: "Infeasible", resource: name, message };
  }
  for (const name of RESIZABLE) {
    if (requests[name] + others[name] <= capacity[name]) continue;
    const figures = `requested: ${requests[name]}, used: ${others[name]}, capacity: ${capacity[name]}`;
    return { is: "Deferred", resource: name, message: `Node didn't have enough resource: ${name}, ${figures}` };
  }
  return { is: "accepted" };
}

export const capacityOf = (allocatable: Readonly<Record<string, string>>): Amounts => ({
  cpu: milliOf(allocatable.cpu),
  memory: unitsOf(allocatable.memory),
});

/** What the runtime is told when a container that runs gets other resources; no limit must be said aloud. */
export function updateOf(pod: Pod, container: Container, nodeMemory: number): LinuxContainerResources {
  const { oomScoreAdj: _, ...resources } = containerResources(pod, container, nodeMemory);
  return { cpuPeriod: 100_000, cpuQuota: -1, memoryLimitInBytes: -1, ...resources };
}

/** Limits that hold both before and after: containers are changed under them, one by one. */
export function widest(a: PodLimits, b: PodLimits): PodLimits {
  const wider = (x: number | undefined, y: number | undefined) => (x && y ? Math.max(x, y) : undefined);
  const cpuQuota = wider(a.cpuQuota, b.cpuQuota);
  const memory = wider(a.memory, b.memory);
  return {
    cpuShares: Math.max(a.cpuShares, b.cpuShares),
    cpuPeriod: b.cpuPeriod,
    ...(cpuQuota ? { cpuQuota } : {}),
    ...(memory ? { memory } : {}),
  };
}
