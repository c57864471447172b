import { join } from "node:path";
import { formatTime } from "../../apimachinery/time.ts";
import type { ContainerStats } from "../../cri/index.ts";
import { processLimits } from "../node/machine.ts";
import { cgroupUsage, memoryLeft } from "../node/usage.ts";
import { LABEL } from "../pod/runtimePod.ts";
import type { VolumeStats } from "../volumes/volumeMeter.ts";
import { type DiskStats, readDisks } from "./diskStats.ts";
import type { ServerContext } from "./server.ts";

interface Sample {
  pod: { name: string; namespace: string; uid: string };
  container: string;
  startTime: string;
  stats: ContainerStats;
}

async function samples({ node }: ServerContext): Promise<Sample[]> {
  const stats = await node.cri.listContainerStats();
  return stats.flatMap((it) => {
    const labels = it.attributes?.labels ?? {};
    const uid = labels[LABEL.podUid];
    const container = labels[LABEL.containerName];
    if (!uid || !container) return [];
    const run = node.cache.get(uid)?.containers.find((c) => c.id === it.attributes?.id);
    const pod = { name: labels[LABEL.podName] ?? "", namespace: labels[LABEL.podNamespace] ?? "", uid };
    return [{ pod, container, startTime: formatTime(run?.startedAt ?? 0), stats: it }];
  });
}

/**
 * /stats/summary: what the node and each pod use, in the shape that metrics-server and `kubectl top` know. Files are
 * counted for it, unless only processors and memory are asked for.
 */
export async function summary(context: ServerContext, onlyCpuAndMemory = false) {
  const { options, node } = context;
  const now = formatTime(node.clock.now());
  const byPod = Map.groupBy(await samples(context), (it) => it.pod.uid);
  const usage = await node.meter.read();
  const disks = onlyCpuAndMemory ? undefined : await readDisks(context, now);
  const { max, used } = await processLimits();
  return {
    node: {
      nodeName: options.nodeName,
      systemContainers: await systemContainers(context, now),
      cpu: { time: now, usageCoreNanoSeconds: usage.cpu, usageNanoCores: usage.cpuRate },
      memory: {
        time: now,
        availableBytes: await memoryLeft(node.machine.memory, usage),
        usageBytes: usage.memory,
        workingSetBytes: usage.workingSet,
      },
      ...disks?.node,
      rlimit: { time: now, maxpid: max, curproc: used },
    },
    pods: [...byPod].map(([uid, group]) => podSummary(uid, group, now, disks)),
  };
}

/** What is used by Kubernetes itself on this node, and by all Pods together. */
async function systemContainers({ options }: ServerContext, now: string) {
  const { kubelet, runtime } = options.systemCgroups ?? {};
  const groups = { kubelet, runtime, pods: join(options.cgroupRoot, "kubepods") };
  const read = Object.entries(groups).map(async ([name, cgroup]) => {
    const usage = cgroup && (await cgroupUsage(cgroup));
    if (!usage) return [];
    const memory = { time: now, usageBytes: usage.memory, workingSetBytes: usage.workingSet };
    return [{ name, startTime: now, cpu: { time: now, usageCoreNanoSeconds: usage.cpu }, memory }];
  });
  return (await Promise.all(read)).flat();
}

function podSummary(uid: string, group: readonly Sample[], now: string, disks: DiskStats | undefined) {
  const sum = (read: (it: ContainerStats) => number | undefined) =>
    group.reduce((n, it) => n + (read(it.stats) ?? 0), 0);
  return {
    podRef: group[0]!.pod,
    startTime: group.map((it) => it.startTime).sort()[0],
    containers: group.map(({ container, startTime, stats }) => ({
      name: container,
      startTime,
      cpu: {
        time: now,
        usageNanoCores: stats.cpu?.usageNanoCores ?? 0,
        usageCoreNanoSeconds: stats.cpu?.usageCoreNanoSeconds ?? 0,
      },
      memory: {
        time: now,
        workingSetBytes: stats.memory?.workingSetBytes ?? 0,
        usageBytes: stats.memory?.usageBytes ?? 0,
      },
      ...disks?.container(uid, container, stats),
    })),
    cpu: { time: now, usageCoreNanoSeconds: sum((it) => it.cpu?.usageCoreNanoSeconds) },
    memory: { time: now, workingSetBytes: sum((it) => it.memory?.workingSetBytes) },
    ...disks?.pod(
      uid,
      group.map(({ stats }) => stats),
    ),
  };
}

const family = (name: string, type: string, help: string, lines: string[]) =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.map((it) => `${it}\n`).join("")}`;

/** /metrics: of the kubelet itself. */
export async function kubeletMetrics({ node, workers, options }: ServerContext): Promise<string> {
  const volumes = await node.volumeMeter.read(workers.goingOn());
  const containers = [...node.cache.all()].flatMap((it) => it.containers);
  const count = (state: string) => containers.filter((it) => it.state === state).length;
  const memory = process.memoryUsage();
  const cpu = process.cpuUsage();
  return [
    family("kubelet_node_name", "gauge", "The node's name.", [`kubelet_node_name{node="${options.nodeName}"} 1`]),
    family("kubelet_running_pods", "gauge", "Pods that have a running sandbox.", [
      `kubelet_running_pods ${workers.pods().length}`,
    ]),
    family(
      "kubelet_running_containers",
      "gauge",
      "Containers by state.",
      ["created", "exited", "running", "unknown"].map(
        (it) => `kubelet_running_containers{container_state="${it}"} ${count(it)}`,
      ),
    ),
    ...volumeFamilies([...volumes.values()].flat()),
    family("process_resident_memory_bytes", "gauge", "Resident memory.", [
      `process_resident_memory_bytes ${memory.rss}`,
    ]),
    family("process_cpu_seconds_total", "counter", "Processor time used.", [
      `process_cpu_seconds_total ${(cpu.user + cpu.system) / 1e6}`,
    ]),
  ].join("");
}

const OF_VOLUMES = {
  capacity_bytes: ["capacityBytes", "Size of a claim's volume."],
  available_bytes: ["availableBytes", "What is free of it."],
  used_bytes: ["usedBytes", "What is used of it."],
  inodes: ["inodes", "How many files a claim's volume can have."],
  inodes_free: ["inodesFree", "How many more."],
  inodes_used: ["inodesUsed", "How many it has."],
} as const;

/** Of claims only; one that several Pods use is told once. */
function volumeFamilies(all: readonly VolumeStats[]): string[] {
  const claims = new Map(all.flatMap((it) => (it.pvcRef ? [[`${it.pvcRef.namespace}/${it.pvcRef.name}`, it]] : [])));
  return Object.entries(OF_VOLUMES).map(([short, [field, help]]) => {
    const name = `kubelet_volume_stats_${short}`;
    const lines = [...claims.values()].flatMap(({ pvcRef, [field]: value }) =>
      value === undefined
        ? []
        : [`${name}{namespace="${pvcRef?.namespace}",persistentvolumeclaim="${pvcRef?.name}"} ${value}`],
    );
    return lines.length > 0 ? family(name, "gauge", help, lines) : "";
  });
}

/** /metrics/resource: what scaling looks at. */
export async function resourceMetrics(context: ServerContext): Promise<string> {
  const all = await samples(context);
  const labels = ({ container, pod }: Sample) =>
    `container="${container}",namespace="${pod.namespace}",pod="${pod.name}"`;
  const seconds = (it: Sample) => (it.stats.cpu?.usageCoreNanoSeconds ?? 0) / 1e9;
  const memory = (it: Sample) => it.stats.memory?.workingSetBytes ?? 0;
  const now = Math.round(context.node.clock.now());
  // Whoever makes a rate of two readings needs to know when each was taken, which was before it was sent.
  const at = (usage: { timestamp?: number } | undefined) => Math.round(usage?.timestamp ?? now);
  const usage = await context.node.meter.read();
  return [
    family("node_cpu_usage_seconds_total", "counter", "Processor time of the node.", [
      `node_cpu_usage_seconds_total ${usage.cpu / 1e9} ${now}`,
    ]),
    family("node_memory_working_set_bytes", "gauge", "Memory in use on the node.", [
      `node_memory_working_set_bytes ${usage.workingSet} ${now}`,
    ]),
    family(
      "container_cpu_usage_seconds_total",
      "counter",
      "Processor time of a container.",
      all.map((it) => `container_cpu_usage_seconds_total{${labels(it)}} ${seconds(it)} ${at(it.stats.cpu)}`),
    ),
    family(
      "container_memory_working_set_bytes",
      "gauge",
      "Memory in use by a container.",
      all.map((it) => `container_memory_working_set_bytes{${labels(it)}} ${memory(it)} ${at(it.stats.memory)}`),
    ),
    family(
      "container_start_time_seconds",
      "gauge",
      "When a container started.",
      all.map((it) => `container_start_time_seconds{${labels(it)}} ${Date.parse(it.startTime) / 1000}`),
    ),
    podFamily("pod_cpu_usage_seconds_total", "counter", "Processor time of a Pod.", all, seconds),
    podFamily("pod_memory_working_set_bytes", "gauge", "Memory in use by a Pod.", all, memory),
    family("resource_scrape_error", "gauge", "1 when something could not be measured.", ["resource_scrape_error 0"]),
  ].join("");
}

/** One line for each Pod: what its containers have together. */
function podFamily(
  name: string,
  type: string,
  help: string,
  all: readonly Sample[],
  of: (it: Sample) => number,
): string {
  const lines = [...Map.groupBy(all, ({ pod }) => pod.uid).values()].map((group) => {
    const { namespace, name: pod } = group[0]!.pod;
    const newest = Math.max(...group.map(({ stats }) => stats.cpu?.timestamp ?? 0));
    const sum = group.reduce((total, it) => total + of(it), 0);
    return `${name}{namespace="${namespace}",pod="${pod}"} ${sum} ${Math.round(newest)}`;
  });
  return family(name, type, help, lines);
}

/** /metrics/cadvisor: the few families of it that dashboards rest on. */
export async function cadvisorMetrics(context: ServerContext): Promise<string> {
  const all = await samples(context);
  const labels = ({ container, pod }: Sample) =>
    `container="${container}",namespace="${pod.namespace}",pod="${pod.name}"`;
  const { machine } = context.node;
  return [
    family("machine_cpu_cores", "gauge", "Processors of the node.", [`machine_cpu_cores ${machine.cpus}`]),
    family("machine_memory_bytes", "gauge", "Memory of the node.", [`machine_memory_bytes ${machine.memory}`]),
    family(
      "container_cpu_usage_seconds_total",
      "counter",
      "Processor time of a container.",
      all.map(
        (it) =>
          `container_cpu_usage_seconds_total{${labels(it)},cpu="total"} ${(it.stats.cpu?.usageCoreNanoSeconds ?? 0) / 1e9}`,
      ),
    ),
    family(
      "container_memory_usage_bytes",
      "gauge",
      "Memory of a container, caches included.",
      all.map((it) => `container_memory_usage_bytes{${labels(it)}} ${it.stats.memory?.usageBytes ?? 0}`),
    ),
    family(
      "container_memory_working_set_bytes",
      "gauge",
      "Memory in use by a container.",
      all.map((it) => `container_memory_working_set_bytes{${labels(it)}} ${it.stats.memory?.workingSetBytes ?? 0}`),
    ),
    family(
      "container_memory_rss",
      "gauge",
      "Anonymous memory of a container.",
      all.map((it) => `container_memory_rss{${labels(it)}} ${it.stats.memory?.rssBytes ?? 0}`),
    ),
  ].join("");
}
