import { parseQuantity } from "../../../apimachinery/quantity.ts";
import type { ResourceRequirements } from "./container.ts";
import type { PodSpec } from "./podSpec.ts";

const COMPUTE = ["cpu", "memory"];

const positive = (amount: string | undefined) => amount !== undefined && parseQuantity(amount).nanos > 0n;

/** Whether a container may use exactly what it asked for. */
function isGuaranteed({ limits = {}, requests = {} }: ResourceRequirements): boolean {
  return COMPUTE.every((name) => {
    const limit = limits[name];
    if (!positive(limit)) return false;
    const request = requests[name];
    return request === undefined || parseQuantity(request).compare(parseQuantity(limit!)) === 0;
  });
}

function asksAnything({ limits = {}, requests = {} }: ResourceRequirements): boolean {
  return COMPUTE.some((name) => positive(limits[name]) || positive(requests[name]));
}

/** How a Pod fares when its node runs short: Guaranteed goes last, BestEffort first. */
export function podQOSClass(spec: PodSpec): "Guaranteed" | "Burstable" | "BestEffort" {
  const ofPod = spec.resources && asksAnything(spec.resources) ? [spec.resources] : undefined;
  const all =
    ofPod ?? [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ resources }) => resources ?? {});
  if (!all.some(asksAnything)) return "BestEffort";
  return all.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}
