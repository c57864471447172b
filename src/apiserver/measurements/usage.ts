import type { Point, Reading } from "./reading.ts";

/** What a node or container uses. */
export interface Usage {
  /** ms since the epoch: the end of the window */
  readonly time: number;
  /** ms */
  readonly window: number;
  /** billionths of a CPU */
  readonly cpu: number;
  /** bytes */
  readonly memory: number;
}

export interface NodeUsage {
  readonly node: Usage;
  /** by `containerKey` */
  readonly containers: ReadonlyMap<string, Usage>;
}

/** A shorter window says nothing: counters are only so exact. */
const SHORTEST = 500;

/** What was used between two readings of one node. Containers that began in between are measured from their beginning. */
export function usageBetween(before: Reading, after: Reading): NodeUsage {
  const containers = new Map<string, Usage>();
  for (const [key, point] of after.containers) {
    const usage = usageOf(beginning(before.containers.get(key), point), point);
    if (usage) containers.set(key, usage);
  }
  const none: Usage = { time: after.node.time, window: 0, cpu: 0, memory: after.node.memory };
  return { node: usageOf(before.node, after.node) ?? none, containers };
}

/** The point to compare with: the one before, unless the container has begun (anew) since. */
function beginning(before: Point | undefined, { cpu, startTime }: Point): Point | undefined {
  const counted = before !== undefined && before.cpu <= cpu;
  if (counted && (startTime === undefined || startTime <= before.time)) return before;
  return startTime === undefined ? undefined : { time: startTime, cpu: 0, memory: 0 };
}

function usageOf(before: Point | undefined, after: Point): Usage | undefined {
  if (before === undefined) return undefined;
  const window = after.time - before.time;
  if (window < SHORTEST || after.cpu < before.cpu) return undefined;
  const cpu = Math.round(((after.cpu - before.cpu) * 1e12) / window);
  return { time: after.time, window, cpu, memory: after.memory };
}
