/** For which time a CronJob must start a Job now, and when to look again. */
import { type CronJob, parseSchedule, type Schedule } from "../../api/batch/v1/index.ts";
import { parseTime } from "../../apimachinery/time.ts";

/** With more times missed than this, something is wrong: a clock, or a controller that was away for long. */
const MANY = 100;

export interface Due {
  /** the latest time that has come and was not served; undefined: none */
  readonly time?: number;
  readonly missedMany: boolean;
  /** the next time to come; undefined: none ever will */
  readonly next?: number;
}

/** Throws when the schedule, or its zone, cannot be read. */
export function scheduleOf({ spec }: CronJob): Schedule {
  return parseSchedule(spec.schedule, spec.timeZone ?? "UTC");
}

/** What is due at `now`; times before the starting deadline are not looked at. */
export function due({ metadata, spec, status }: CronJob, schedule: Schedule, now: number): Due {
  const served = parseTime(status.lastScheduleTime ?? metadata.creationTimestamp!);
  const deadline = spec.startingDeadlineSeconds === undefined ? 0 : now - spec.startingDeadlineSeconds * 1000;
  const last = latest(schedule, Math.max(served, deadline), now);
  // Equal distances are counted from the last time that was served, or was to be.
  const next = schedule.next(latest(schedule, served, now).time ?? served);
  return { time: last.time, missedMany: last.count > MANY, next };
}

/** The latest time after `from` until `now`, and about how many there were. */
function latest(schedule: Schedule, from: number, now: number): { time?: number; count: number } {
  const first = schedule.next(from);
  if (first === undefined || first > now) return { count: 0 };
  const second = schedule.next(first);
  if (second === undefined || second > now) return { time: first, count: 1 };
  const gap = second - first;
  const count = Math.floor((now - first) / gap) + 1;
  // Far back, times are not gone through one by one: where distances differ, further back is looked at until one is found.
  for (let back = 1; ; back *= 2) {
    const start = first + (count - 1 - back) * gap;
    const time = start <= first ? walk(schedule, first, now) : walkFrom(schedule, start, now);
    if (time !== undefined) return { time, count };
  }
}

function walkFrom(schedule: Schedule, start: number, now: number): number | undefined {
  const first = schedule.next(start);
  return first === undefined || first > now ? undefined : walk(schedule, first, now);
}

function walk(schedule: Schedule, first: number, now: number): number {
  let time = first;
  for (let next = schedule.next(time); next !== undefined && next <= now; next = schedule.next(time)) time = next;
  return time;
}
