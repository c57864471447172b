import { parseExposition, type Sample } from "./exposition.ts";

/** Counters and gauges of one node or container at one moment. */
export interface Point {
  /** ms since the epoch */
  readonly time: number;
  /** seconds of CPU time used so far */
  readonly cpu: number;
  /** bytes in use */
  readonly memory: number;
  /** ms since the epoch, when counting began; undefined for a node */
  readonly startTime?: number;
}

/** What one kubelet answered. */
export interface Reading {
  readonly node: Point;
  /** by `containerKey` */
  readonly containers: ReadonlyMap<string, Point>;
}

export const containerKey = (namespace: string, pod: string, container: string): string =>
  `${namespace}/${pod}/${container}`;

interface Draft {
  time?: number;
  cpu?: number;
  memory?: number;
  startTime?: number;
}

/** Which member of a point a family of /metrics/resource is, and whose. */
const FAMILIES: Readonly<Record<string, { member: Exclude<keyof Draft, "time">; of: "node" | "container" }>> = {
  node_cpu_usage_seconds_total: { member: "cpu", of: "node" },
  node_memory_working_set_bytes: { member: "memory", of: "node" },
  container_cpu_usage_seconds_total: { member: "cpu", of: "container" },
  container_memory_working_set_bytes: { member: "memory", of: "container" },
  container_start_time_seconds: { member: "startTime", of: "container" },
};

/** Reads a kubelet's /metrics/resource. `now` stands in where the kubelet gives no time. */
export function parseReading(text: string, now: number): Reading {
  const node: Draft = {};
  const containers = new Map<string, Draft>();
  for (const sample of parseExposition(text)) {
    const family = FAMILIES[sample.name];
    if (!family) continue;
    const draft = family.of === "node" ? node : draftOf(containers, sample);
    draft[family.member] = family.member === "startTime" ? sample.value * 1000 : sample.value;
    // the counter's time is what rates are made with
    if (family.member === "cpu") draft.time = sample.time ?? now;
  }
  const points = [...containers].map(([key, draft]) => [key, point(draft, now)] as const);
  return { node: point(node, now), containers: new Map(points) };
}

function draftOf(containers: Map<string, Draft>, { labels }: Sample): Draft {
  const { namespace = "", pod = "", container = "" } = labels;
  const key = containerKey(namespace, pod, container);
  const draft = containers.get(key) ?? {};
  containers.set(key, draft);
  return draft;
}

const point = ({ time, cpu = 0, memory = 0, startTime }: Draft, now: number): Point => ({
  time: time ?? now,
  cpu,
  memory,
  ...(startTime !== undefined && { startTime }),
});
