import { parseQuantity, type Quantity, zeroQuantity } from "../../../apimachinery/quantity.ts";
import type { Container, ResourceRequirements } from "./container.ts";
import type { PodSpec } from "./podSpec.ts";

/** Amounts by resource, such as "cpu". */
export type Amounts = Record<string, Quantity>;
type Side = "requests" | "limits";

export function parseAmounts(list: Readonly<Record<string, string>> | undefined): Amounts {
  return Object.fromEntries(Object.entries(list ?? {}).map(([name, amount]) => [name, parseQuantity(amount)]));
}

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  const sum = { ...a };
  for (const [name, amount] of Object.entries(b)) sum[name] = sum[name]?.add(amount) ?? amount;
  return sum;
}

function atLeast(a: Amounts, b: Amounts): Amounts {
  const most = { ...a };
  for (const [name, amount] of Object.entries(b)) {
    if (amount.compare(most[name] ?? zeroQuantity) > 0 || most[name] === undefined) most[name] = amount;
  }
  return most;
}

const amountsOf = (resources: ResourceRequirements | undefined, side: Side) => parseAmounts(resources?.[side]);

/**
 * What a Pod needs at the time when it needs most: its containers and sidecars together, or one of its init containers
 * with the sidecars started before it. What is said for the Pod as a whole goes before what its containers say.
 */
function podAmounts(spec: PodSpec, side: Side): Amounts {
  const sum = (containers: readonly Container[]) =>
    containers.reduce((total, { resources }) => addAmounts(total, amountsOf(resources, side)), {} as Amounts);
  let sidecars: Amounts = {};
  let starting: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    const own = amountsOf(container.resources, side);
    const isSidecar = container.restartPolicy === "Always";
    if (isSidecar) sidecars = addAmounts(sidecars, own);
    starting = atLeast(starting, isSidecar ? sidecars : addAmounts(sidecars, own));
  }
  const running = addAmounts(sum(spec.containers ?? []), sidecars);
  return { ...atLeast(running, starting), ...amountsOf(spec.resources, side) };
}

export function podRequests(spec: PodSpec): Amounts {
  return addAmounts(podAmounts(spec, "requests"), parseAmounts(spec.overhead));
}

/** Overhead adds to limits that are set; a Pod without a limit has none. */
export function podLimits(spec: PodSpec): Amounts {
  const limits = podAmounts(spec, "limits");
  const overhead = parseAmounts(spec.overhead);
  for (const [name, amount] of Object.entries(limits)) if (overhead[name]) limits[name] = amount.add(overhead[name]);
  return limits;
}
