import type { WatchCache } from "../cache/watchCache.ts";
import type { Answer, Call } from "../pipeline/call.ts";

const BUCKETS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

interface Series {
  readonly labels: string;
  readonly durationLabels: string;
  count: number;
  sum: number;
  readonly buckets: Uint32Array;
  readonly counted: boolean;
}

function show(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`))}"`)
    .join(",");
}

function scopeOf({ isResource, name, namespace, verb }: Call["info"]): string {
  if (!isResource) return "";
  if (name !== "" || verb === "create") return "resource";
  return namespace !== "" ? "namespace" : "cluster";
}

/** Counts requests by what they ask and how they end; the names are those that Kubernetes promises to keep. */
export class Metrics {
  #cache: WatchCache;
  #series = new Map<string, Series>();
  inflight = { readOnly: 0, mutating: 0 };
  /** watches that are open */
  longRunning = 0;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }
  observe(call: Call, code: number, seconds: number): void {
    const { verb, group, version, resource, subresource } = call.info;
    const dryRun = call.incoming.query.size > 0 && call.incoming.query.has("dryRun") ? "All" : "";
    const key = `${verb} ${group}/${version}/${resource}/${subresource} ${code} ${scopeOf(call.info)} ${dryRun}`;
    let series = this.#series.get(key);
    if (!series) {
      const common = {
        component: "apiserver",
        dry_run: dryRun,
        group,
        resource,
        scope: scopeOf(call.info),
        subresource,
      };
      const labels = { ...common, verb: metricVerb(call), version };
      series = {
        labels: show({ code: String(code), ...labels }),
        durationLabels: show(labels),
        count: 0,
        sum: 0,
        buckets: new Uint32Array(BUCKETS.length + 1),
        counted: verb !== "watch",
      };
      this.#series.set(key, series);
    }
    series.count++;
    series.sum += seconds;
    let at = 0;
    while (at < BUCKETS.length && seconds > BUCKETS[at]!) at++;
    series.buckets[at]!++;
  }
  answer(): Answer {
    const body = [...this.#requests(), ...this.#durations(), ...this.#gauges()].join("\n");
    return { type: "raw", code: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: `${body}\n` };
  }
  *#requests(): Generator<string> {
    yield "# HELP apiserver_request_total Requests by what was asked and how they ended.";
    yield "# TYPE apiserver_request_total counter";
    for (const { labels, count } of this.#series.values()) yield `apiserver_request_total{${labels}} ${count}`;
  }
  *#durations(): Generator<string> {
    yield "# HELP apiserver_request_duration_seconds How long requests took, watches excepted.";
    yield "# TYPE apiserver_request_duration_seconds histogram";
    const merged = new Map<string, { count: number; sum: number; buckets: number[] }>();
    for (const { durationLabels, count, sum, buckets, counted } of this.#series.values()) {
      if (!counted) continue;
      const into = merged.get(durationLabels) ?? { count: 0, sum: 0, buckets: new Array(BUCKETS.length + 1).fill(0) };
      into.count += count;
      into.sum += sum;
      for (let i = 0; i < buckets.length; i++) into.buckets[i]! += buckets[i]!;
      merged.set(durationLabels, into);
    }
    for (const [labels, { count, sum, buckets }] of merged) {
      let below = 0;
      for (let i = 0; i < BUCKETS.length; i++) {
        below += buckets[i]!;
        yield `apiserver_request_duration_seconds_bucket{${labels},le="${BUCKETS[i]}"} ${below}`;
      }
      yield `apiserver_request_duration_seconds_bucket{${labels},le="+Inf"} ${count}`;
      yield `apiserver_request_duration_seconds_sum{${labels}} ${sum}`;
      yield `apiserver_request_duration_seconds_count{${labels}} ${count}`;
    }
  }
  *#gauges(): Generator<string> {
    yield "# HELP apiserver_current_inflight_requests Requests being answered right now.";
    yield "# TYPE apiserver_current_inflight_requests gauge";
    yield `apiserver_current_inflight_requests{request_kind="mutating"} ${this.inflight.mutating}`;
    yield `apiserver_current_inflight_requests{request_kind="readOnly"} ${this.inflight.readOnly}`;
    yield "# HELP apiserver_longrunning_requests Watches that are open.";
    yield "# TYPE apiserver_longrunning_requests gauge";
    yield `apiserver_longrunning_requests{component="apiserver",verb="WATCH"} ${this.longRunning}`;
    yield "# HELP apiserver_storage_objects Objects stored, by resource.";
    yield "# TYPE apiserver_storage_objects gauge";
    for (const cache of this.#cache.all()) {
      yield `apiserver_storage_objects{resource="${cache.kind.resource}"} ${cache.size}`;
    }
    const { rss } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    yield "# HELP process_resident_memory_bytes Resident memory size in bytes.";
    yield "# TYPE process_resident_memory_bytes gauge";
    yield `process_resident_memory_bytes ${rss}`;
    yield "# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.";
    yield "# TYPE process_cpu_seconds_total counter";
    yield `process_cpu_seconds_total ${(user + system) / 1e6}`;
  }
}

const METRIC_VERBS: Readonly<Record<string, string>> = { create: "POST", update: "PUT" };

function metricVerb({ info: { verb } }: Call): string {
  return METRIC_VERBS[verb] ?? verb.toUpperCase();
}
