import type { PodSpec } from "../../api/core/v1/index.ts";

const COMPUTE = ["cpu", "memory"];
/** Where these are counted, every container must say how much it wants. */
const REQUIRED = new Set([...COMPUTE, ...COMPUTE.flatMap((name) => [`requests.${name}`, `limits.${name}`])]);

/** What a Pod's containers leave open of `names`, as "limits.cpu for: a,b; limits.memory for: a". */
export function missingResources(spec: PodSpec, names: readonly string[]): string | undefined {
  const required = names.filter((name) => REQUIRED.has(name)).sort();
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const missing = required.flatMap((name) => {
    if (isSaid(name, spec.resources)) return [];
    const without = containers.filter(({ resources }) => !isSaid(name, resources)).map((container) => container.name);
    return without.length === 0 ? [] : [`${name} for: ${[...new Set(without)].sort().join(",")}`];
  });
  return missing.length === 0 ? undefined : missing.join("; ");
}

/** A bare name means the request. */
function isSaid(name: string, resources: PodSpec["resources"]): boolean {
  const [side, resource] = name.includes(".") ? name.split(".", 2) : ["requests", name];
  return resources?.[side as "requests" | "limits"]?.[resource!] !== undefined;
}
