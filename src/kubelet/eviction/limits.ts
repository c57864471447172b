import type { Pod } from "../../api/core/v1/index.ts";
import { unitsOf } from "../pod/resources.ts";
import type { PodUsage } from "./usage.ts";

const STORAGE = "ephemeral-storage";

/** Whether the Pod says how much local storage it may use: only then is it measured. */
export function hasStorageLimit({ spec }: Pod): boolean {
  const volumes = (spec.volumes ?? []).some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined);
  return volumes || spec.containers.some(({ resources }) => resources?.limits?.[STORAGE] !== undefined);
}

/** Which limit of local storage the Pod has outgrown, in Kubernetes' words. Pure. */
export function outgrown({ spec }: Pod, usage: PodUsage): string | undefined {
  for (const { name, emptyDir } of spec.volumes ?? []) {
    const limit = emptyDir?.sizeLimit;
    if (limit === undefined || unitsOf(limit) === 0) continue;
    if ((usage.volumes.get(name) ?? 0) > unitsOf(limit)) {
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `;
    }
  }
  for (const { name, resources } of spec.containers) {
    const limit = resources?.limits?.[STORAGE];
    if (limit !== undefined && (usage.disk.get(name) ?? 0) > unitsOf(limit)) {
      return `Container ${name} exceeded its local ephemeral storage limit "${limit}". `;
    }
  }
  const limits = spec.containers.map(({ resources }) => resources?.limits?.[STORAGE]);
  if (limits.some((limit) => limit === undefined)) return undefined; // one without a limit leaves the whole without
  const total = limits.reduce((all, limit) => all + unitsOf(limit), 0);
  const used = [...usage.disk.values(), ...usage.volumes.values()].reduce((all, it) => all + it, 0);
  if (used <= total) return undefined;
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${total}. `;
}
