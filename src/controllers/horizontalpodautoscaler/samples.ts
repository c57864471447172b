import type { Pod } from "../../api/core/v1/index.ts";
import { parseTime } from "../../apimachinery/time.ts";
import { podCondition } from "../pods.ts";
import type { HorizontalPodAutoscalerOptions } from "./options.ts";

/** One Pod's metric, in thousandths. */
export interface Sample {
  readonly value: number;
  /** ms since the epoch: the end of the window */
  readonly time: number;
  /** ms */
  readonly window: number;
}
/** By the Pod's name. */
export type Samples = ReadonlyMap<string, Sample>;

/** How long a Pod is starting. */
export type Starting = Pick<HorizontalPodAutoscalerOptions, "cpuInitialization" | "initialReadiness">;

export interface Groups {
  /** how many have a sample that counts */
  readonly ready: number;
  readonly unready: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
  readonly ignored: ReadonlySet<string>;
}

/** Sorts Pods by what their samples are worth. `resource` is set for resource metrics. */
export function groupPods(
  pods: readonly Pod[],
  samples: Samples,
  { resource, now, starting }: { resource?: string | undefined; now: number; starting: Starting },
): Groups {
  const groups = { unready: new Set<string>(), missing: new Set<string>(), ignored: new Set<string>() };
  let ready = 0;
  for (const pod of pods) {
    const name = pod.metadata.name ?? "";
    const sample = samples.get(name);
    if (pod.metadata.deletionTimestamp || pod.status.phase === "Failed") groups.ignored.add(name);
    else if (pod.status.phase === "Pending") groups.unready.add(name);
    else if (!sample) groups.missing.add(name);
    else if (resource === "cpu" && isStarting(pod, sample, now, starting)) groups.unready.add(name);
    else ready++;
  }
  return { ready, ...groups };
}

function isStarting(pod: Pod, { time, window }: Sample, now: number, within: Starting): boolean {
  const condition = podCondition(pod, "Ready");
  const { startTime } = pod.status;
  if (!condition || !startTime) return true;
  const started = parseTime(startTime);
  const changed = condition.lastTransitionTime ? parseTime(condition.lastTransitionTime) : 0;
  const unready = condition.status === "False";
  if (started + within.cpuInitialization > now) return unready || time < changed + window;
  return unready && started + within.initialReadiness > changed;
}
