import { parseQuantity } from "../../apimachinery/quantity.ts";
import { type Candidate, requestOf, usedOf } from "./rank.ts";
import { leastOf, type Observation, resourceOf, type Threshold } from "./signals.ts";

/** Bytes as a quantity: "512Ki", or plain when it does not come out even. */
export function bytes(amount: number): string {
  for (const [unit, size] of [["Mi", 2 ** 20] as const, ["Ki", 2 ** 10] as const]) {
    if (amount >= size && amount % size === 0) return parseQuantity(`${amount / size}${unit}`).toString();
  }
  return String(Math.round(amount));
}

/** Why a Pod is ended, in Kubernetes' words. */
export function evictionMessage(candidate: Candidate, threshold: Threshold, seen: Observation): string {
  const resource = resourceOf(threshold.signal);
  const least = bytes(leastOf(threshold.quantity, seen.capacity));
  const figures = `Threshold quantity: ${least}, available: ${bytes(seen.available)}. `;
  const greedy = resource === "memory" || resource === "ephemeral-storage" ? greedyContainers(candidate, resource) : "";
  return `The node was low on resource: ${resource}. ${figures}${greedy}`;
}

function greedyContainers(candidate: Candidate, resource: "memory" | "ephemeral-storage"): string {
  const { pod, usage } = candidate;
  if (usedOf(candidate, resource) <= requestOf(pod, resource)) return "";
  const used = resource === "memory" ? usage.memory : usage.disk;
  return pod.spec.containers
    .map(({ name, resources }) => ({
      name,
      used: used.get(name) ?? 0,
      request: parseQuantity(resources?.requests?.[resource] ?? "0"),
    }))
    .filter((it) => it.used > it.request.toNumber())
    .map(
      (it) =>
        `Container ${it.name} was using ${bytes(it.used)}, request is ${it.request}, has larger consumption of ${resource}. `,
    )
    .join("");
}
