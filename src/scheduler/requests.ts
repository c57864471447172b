import type { Container, ContainerStatus, Pod } from "../api/core/v1/index.ts";
import { parseQuantity } from "../apimachinery/quantity.ts";

/** Amounts by resource name: CPU in millicores, everything else in whole units (bytes for memory). */
export type Amounts = ReadonlyMap<string, number>;
type Quantities = Readonly<Record<string, string>> | undefined;

const FLOOR_CPU = 100;
const FLOOR_MEMORY = 200 * 1024 * 1024;

/** The same few quantities come again with every Pod. */
const known = new Map<string, number>();
const MOST_KNOWN = 10_000;

/** A resource quantity as the number the arrays hold. */
export function amount(resource: string, quantity: string): number {
  const key = resource === "cpu" ? `cpu ${quantity}` : quantity;
  let value = known.get(key);
  if (value === undefined) {
    const parsed = parseQuantity(quantity);
    value = resource === "cpu" ? Number(parsed.milli()) : Number(parsed.value());
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, value);
  }
  return value;
}

const isSidecar = (container: Container) => container.restartPolicy === "Always";

/** What a Pod takes from its node: init containers run one after another, beside the sidecars started before them. */
export function podRequests(pod: Pod): Amounts {
  const statuses = resizable(pod);
  return withPodLevel(
    pod,
    effective(pod, (container) => containerRequests(container, statuses.get(container.name), pod)),
  );
}

/** CPU and memory with a floor for containers that ask for nothing, so that scores spread them, too. */
export function scoredRequests(pod: Pod, requests: Amounts): { cpu: number; memory: number } {
  const statuses = resizable(pod);
  const floored = effective(pod, (container) => {
    const own = containerRequests(container, statuses.get(container.name), pod);
    return new Map([
      ["cpu", own.get("cpu") ?? FLOOR_CPU],
      ["memory", own.get("memory") ?? FLOOR_MEMORY],
    ]);
  });
  const podLevel = pod.spec.resources?.requests;
  return {
    cpu: (podLevel?.cpu === undefined ? floored : requests).get("cpu") ?? 0,
    memory: (podLevel?.memory === undefined ? floored : requests).get("memory") ?? 0,
  };
}

/** The statuses of containers whose resources may differ from their specification: those of a Pod on a node. */
function resizable(pod: Pod): ReadonlyMap<string, ContainerStatus> {
  if (!pod.spec.nodeName || !pod.status?.containerStatuses) return NO_STATUSES;
  const all = [...pod.status.containerStatuses, ...(pod.status.initContainerStatuses ?? [])];
  return new Map(all.map((status) => [status.name, status]));
}
const NO_STATUSES: ReadonlyMap<string, ContainerStatus> = new Map();

/** While a resize is under way, the most of what is wished, promised and used; an infeasible wish does not count. */
function containerRequests(container: Container, status: ContainerStatus | undefined, pod: Pod): Map<string, number> {
  const wished = container.resources?.requests;
  const used = status?.resources?.requests;
  const promised = status?.allocatedResources;
  if (!used && !promised) return amounts(wished);
  const requests = amounts(used);
  most(requests, amounts(promised));
  if (!isInfeasible(pod)) most(requests, amounts(wished));
  return requests;
}

function isInfeasible(pod: Pod): boolean {
  return (pod.status.conditions ?? []).some(
    ({ type, status, reason }) => type === "PodResizePending" && status === "True" && reason === "Infeasible",
  );
}

function effective(pod: Pod, of: (container: Container) => Map<string, number>): Map<string, number> {
  const running = new Map<string, number>();
  for (const container of pod.spec.containers) add(running, of(container));
  if (pod.spec.initContainers?.length) addInit(running, pod.spec.initContainers, of);
  for (const [name, quantity] of Object.entries(pod.spec.overhead ?? {})) {
    running.set(name, (running.get(name) ?? 0) + amount(name, quantity));
  }
  return running;
}

function addInit(
  running: Map<string, number>,
  containers: readonly Container[],
  of: (container: Container) => Map<string, number>,
): void {
  const sidecars = new Map<string, number>();
  const starting = new Map<string, number>();
  for (const container of containers) {
    const own = of(container);
    if (isSidecar(container)) {
      add(running, own);
      add(sidecars, own);
      most(starting, sidecars);
    } else {
      add(own, sidecars);
      most(starting, own);
    }
  }
  most(running, starting);
}

function withPodLevel(pod: Pod, requests: Map<string, number>): Map<string, number> {
  for (const [name, quantity] of Object.entries(pod.spec.resources?.requests ?? {})) {
    const overhead = pod.spec.overhead?.[name];
    requests.set(name, amount(name, quantity) + (overhead ? amount(name, overhead) : 0));
  }
  return requests;
}

function amounts(quantities: Quantities): Map<string, number> {
  const found = new Map<string, number>();
  for (const name in quantities) found.set(name, amount(name, quantities[name]!));
  return found;
}

function add(into: Map<string, number>, more: Amounts): void {
  for (const [name, value] of more) into.set(name, (into.get(name) ?? 0) + value);
}

function most(into: Map<string, number>, other: Amounts): void {
  for (const [name, value] of other) into.set(name, Math.max(into.get(name) ?? 0, value));
}
