import type { Container, Pod } from "../api/core/v1/index.ts";
import { parseQuantity } from "../apimachinery/quantity.ts";

/** Amounts by resource name: CPU in millicores, everything else in whole units (bytes for memory). */
export type Amounts = ReadonlyMap<string, number>;

export interface HostPort {
  readonly protocol: string;
  readonly ip: string;
  readonly port: number;
}

/** What a Pod takes from the node it runs on. */
export interface PodDemand {
  readonly requests: Amounts;
  /** CPU and memory with a floor for containers that ask for nothing, so that scores spread them too */
  readonly scoredCpu: number;
  readonly scoredMemory: number;
  readonly hostPorts: readonly HostPort[];
}

const FLOOR_CPU = 100;
const FLOOR_MEMORY = 200 * 1024 * 1024;

/** A resource quantity as the number the arrays hold. */
export function amount(resource: string, quantity: string): number {
  const parsed = parseQuantity(quantity);
  return resource === "cpu" ? Number(parsed.milli()) : Number(parsed.value());
}

/** Sums of containers; init containers run one after another, beside the sidecars that started before them. */
export function podDemand(pod: Pod): PodDemand {
  const requests = withPodLevel(pod, effective(pod, requestsOf));
  const scored = effective(pod, scoredRequestsOf);
  return {
    requests,
    scoredCpu: requests.has("cpu") && pod.spec.resources?.requests?.cpu ? requests.get("cpu")! : scored.get("cpu")!,
    scoredMemory:
      requests.has("memory") && pod.spec.resources?.requests?.memory ? requests.get("memory")! : scored.get("memory")!,
    hostPorts: [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)].flatMap((container) =>
      (container.ports ?? [])
        .filter((port) => (port.hostPort ?? 0) > 0)
        .map((port) => ({ protocol: port.protocol ?? "TCP", ip: port.hostIP || "0.0.0.0", port: port.hostPort! })),
    ),
  };
}

function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

function effective(pod: Pod, of: (container: Container) => Map<string, number>): Map<string, number> {
  const running = new Map<string, number>();
  for (const container of pod.spec.containers) add(running, of(container));
  const sidecars = new Map<string, number>();
  const starting = new Map<string, number>();
  for (const container of pod.spec.initContainers ?? []) {
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
  for (const [name, quantity] of Object.entries(pod.spec.overhead ?? {})) {
    running.set(name, (running.get(name) ?? 0) + amount(name, quantity));
  }
  return running;
}

function withPodLevel(pod: Pod, requests: Map<string, number>): Map<string, number> {
  for (const [name, quantity] of Object.entries(pod.spec.resources?.requests ?? {})) {
    const overhead = pod.spec.overhead?.[name];
    requests.set(name, amount(name, quantity) + (overhead ? amount(name, overhead) : 0));
  }
  return requests;
}

function requestsOf(container: Container): Map<string, number> {
  const requests = new Map<string, number>();
  for (const [name, quantity] of Object.entries(container.resources?.requests ?? {})) {
    requests.set(name, amount(name, quantity));
  }
  return requests;
}

function scoredRequestsOf(container: Container): Map<string, number> {
  const requests = requestsOf(container);
  return new Map([
    ["cpu", requests.get("cpu") ?? FLOOR_CPU],
    ["memory", requests.get("memory") ?? FLOOR_MEMORY],
  ]);
}

function add(into: Map<string, number>, more: Amounts): void {
  for (const [name, value] of more) into.set(name, (into.get(name) ?? 0) + value);
}

function most(into: Map<string, number>, other: Amounts): void {
  for (const [name, value] of other) into.set(name, Math.max(into.get(name) ?? 0, value));
}
