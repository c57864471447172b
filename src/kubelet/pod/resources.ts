import type { Container, Pod } from "../../api/core/v1/index.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import type { LinuxContainerResources } from "../../cri/index.ts";

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const PERIOD = 100_000;

export const milliOf = (quantity: string | undefined) => (quantity ? Number(parseQuantity(quantity).milli()) : 0);
export const unitsOf = (quantity: string | undefined) => (quantity ? Number(parseQuantity(quantity).value()) : 0);

type Amounts = Readonly<Record<string, string>> | undefined;

/** Which class the pod's requests and limits put it in; it decides the order in which memory pressure strikes. */
export function qosClass(pod: Pod): QosClass {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const podLevel = pod.spec.resources;
  const specs =
    podLevel?.requests || podLevel?.limits
      ? [{ resources: podLevel }]
      : containers.map(({ resources }) => ({ resources }));
  const any = specs.some(({ resources }) =>
    ["cpu", "memory"].some((name) => unitsOf(resources?.requests?.[name]) || unitsOf(resources?.limits?.[name])),
  );
  if (!any) return "BestEffort";
  const equal = specs.every(({ resources }) => ["cpu", "memory"].every((name) => sameAmount(resources, name)));
  return equal ? "Guaranteed" : "Burstable";
}

function sameAmount(resources: { requests?: Amounts; limits?: Amounts } | undefined, name: string): boolean {
  const limit = resources?.limits?.[name];
  return limit !== undefined && milliOf(limit) === milliOf(resources?.requests?.[name] ?? limit) && milliOf(limit) > 0;
}

export const cpuShares = (milliCpu: number) => Math.min(262_144, Math.max(2, Math.floor((milliCpu * 1024) / 1000)));
/** A quota below 1 ms of each 100 ms is refused by the kernel. */
export const cpuQuota = (milliCpu: number) => Math.max(1000, Math.floor((milliCpu * PERIOD) / 1000));

/** How readily the kernel kills a process when memory runs out: the more of the node it asked for, the less. */
export function oomScoreAdjust(pod: Pod, container: Container, nodeMemory: number): number {
  if (pod.spec.priorityClassName === "system-node-critical") return -997;
  const qos = qosClass(pod);
  if (qos === "Guaranteed") return -997;
  if (qos === "BestEffort") return 1000;
  const score = Math.floor(1000 - (1000 * memoryRequest(container)) / nodeMemory);
  return Math.min(999, Math.max(3, score));
}

const memoryRequest = ({ resources }: Container) => unitsOf(resources?.requests?.memory ?? resources?.limits?.memory);
const cpuRequest = ({ resources }: Container) => milliOf(resources?.requests?.cpu ?? resources?.limits?.cpu);

/** What the runtime enforces on one container. */
export function containerResources(pod: Pod, container: Container, nodeMemory: number): LinuxContainerResources {
  const { limits } = container.resources ?? {};
  return {
    cpuShares: cpuShares(cpuRequest(container)),
    ...(milliOf(limits?.cpu) > 0 ? { cpuPeriod: PERIOD, cpuQuota: cpuQuota(milliOf(limits?.cpu)) } : {}),
    ...(unitsOf(limits?.memory) > 0 ? { memoryLimitInBytes: unitsOf(limits?.memory) } : {}),
    oomScoreAdj: oomScoreAdjust(pod, container, nodeMemory),
  };
}

export interface PodLimits {
  cpuShares: number;
  /** undefined: no limit */
  cpuQuota?: number;
  cpuPeriod: number;
  memory?: number;
}

/** The containers that run side by side. */
function lastingContainers({ spec }: Pod): Container[] {
  return [...spec.containers, ...(spec.initContainers ?? []).filter((it) => it.restartPolicy === "Always")];
}

/** What all containers need together; an init container that ends needs as much as it needs before the others start. */
function totalOf(pod: Pod, amount: (container: Container) => number): number {
  const once = (pod.spec.initContainers ?? []).filter((it) => it.restartPolicy !== "Always");
  const lasting = lastingContainers(pod).reduce((sum, it) => sum + amount(it), 0);
  return Math.max(lasting, ...once.map(amount), 0);
}

/** How much of the node a pod asks for: thousandths of processors, and bytes. */
export function podRequests(pod: Pod): { cpu: number; memory: number } {
  const { resources, overhead } = pod.spec;
  return {
    cpu: (milliOf(resources?.requests?.cpu) || totalOf(pod, cpuRequest)) + milliOf(overhead?.cpu),
    memory: (unitsOf(resources?.requests?.memory) || totalOf(pod, memoryRequest)) + unitsOf(overhead?.memory),
  };
}

/** What the pod's own cgroup enforces: a limit only when every container has one. */
export function podLimits(pod: Pod): PodLimits {
  const total = (amount: (container: Container) => number) => totalOf(pod, amount);
  const everyHas = (name: string) => lastingContainers(pod).every((it) => unitsOf(it.resources?.limits?.[name]) > 0);
  const overhead = pod.spec.overhead;
  const podLevel = pod.spec.resources;
  const cpuLimit =
    milliOf(podLevel?.limits?.cpu) || (everyHas("cpu") ? total((it) => milliOf(it.resources?.limits?.cpu)) : 0);
  const memoryLimit =
    unitsOf(podLevel?.limits?.memory) ||
    (everyHas("memory") ? total((it) => unitsOf(it.resources?.limits?.memory)) : 0);
  return {
    cpuShares: cpuShares(podRequests(pod).cpu),
    cpuPeriod: PERIOD,
    ...(cpuLimit ? { cpuQuota: cpuQuota(cpuLimit + milliOf(overhead?.cpu)) } : {}),
    ...(memoryLimit ? { memory: memoryLimit + unitsOf(overhead?.memory) } : {}),
  };
}
