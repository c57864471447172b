import type { Pod } from "../../api/core/v1/index.ts";
import { parseTime } from "../../apimachinery/time.ts";
import { podCondition } from "../pods.ts";

const FIRST = 10_000;
const LAST = 600_000;

/** When a Pod ended, or as good as ended, in ms. */
export function finishedAt(pod: Pod): number {
  const { metadata, status } = pod;
  const statuses = status.containerStatuses ?? [];
  const ends = statuses.map(({ state }) => state?.terminated?.finishedAt);
  if (ends.length > 0 && ends.every((end) => end)) return Math.max(...ends.map((end) => parseTime(end!)));
  const ready = podCondition(pod, "Ready");
  if (ready?.status === "False" && ready.lastTransitionTime) return parseTime(ready.lastTransitionTime);
  if (metadata.deletionTimestamp) {
    return parseTime(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  }
  return parseTime(metadata.creationTimestamp!);
}

/** How long to wait before the next try after so many failures in a row: 10 s, 20 s, 40 s, … at most 10 min. */
export function waitAfter(failures: number, lastFailure: number, now: number): number {
  if (failures === 0) return 0;
  return Math.max(0, lastFailure + Math.min(LAST, FIRST * 2 ** (failures - 1)) - now);
}

/** The same for a Job as a whole: failures since the last success, read from the Pods themselves. */
export function waitOfJob(succeeded: readonly Pod[], failed: readonly Pod[], now: number): number {
  if (failed.length === 0) return 0;
  const since = Math.max(0, ...succeeded.map((pod) => finishedAt(pod)));
  const times = failed.map((pod) => finishedAt(pod)).filter((time) => time > since);
  return times.length === 0 ? 0 : waitAfter(times.length, Math.max(...times), now);
}
