import type { ContainerImage, Node, NodeCondition, NodeStatus } from "../../api/core/v1/index.ts";
import { LOCAL_VOLUMES_FOLDER } from "../../api/storage/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { Image, RuntimeCondition } from "../../cri/index.ts";
import type { Pressure } from "../eviction/signals.ts";
import type { DiskUsage, Machine } from "./machine.ts";

export interface NodeReadings {
  now: number;
  machine: Machine;
  nodeIPs: readonly string[];
  port: number;
  maxPods: number;
  version: string;
  runtimeVersion: string;
  runtime: readonly RuntimeCondition[];
  /** the runtime does not answer */
  runtimeError?: string;
  images: readonly Image[];
  disk: DiskUsage;
  /** kept back from what pods may ask for, so that the node itself lives */
  reserved: Reserved;
  pressures: ReadonlySet<Pressure>;
  volumesInUse: readonly string[];
}

export interface Reserved {
  /** thousandths of a processor */
  milliCpu: number;
  /** bytes */
  memory: number;
  disk: number;
}

const MOST_IMAGES = 50;
const milli = (amount: number) => (amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`);

/** The node's whole status from what has been read. Pure. */
export function nodeStatus(old: NodeStatus | undefined, readings: NodeReadings): NodeStatus {
  const { machine, disk, reserved } = readings;
  const left = (all: number, kept: number) => Math.max(0, Math.floor(all - kept));
  const milliCpu = Math.round(machine.cpus * 1000);
  const kibibytes = (bytes: number) => `${Math.floor(bytes / 1024)}Ki`;
  const common = {
    ...extendedResources(old),
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
    pods: String(readings.maxPods),
  };
  return {
    ...old,
    capacity: {
      ...common,
      cpu: milli(milliCpu),
      "ephemeral-storage": kibibytes(disk.capacity),
      memory: kibibytes(machine.memory),
    },
    allocatable: {
      ...common,
      cpu: milli(left(milliCpu, reserved.milliCpu)),
      "ephemeral-storage": String(left(disk.capacity, reserved.disk)),
      memory: kibibytes(left(machine.memory, reserved.memory)),
    },
    conditions: nodeConditions(old?.conditions ?? [], readings),
    addresses: [
      ...readings.nodeIPs.map((address) => ({ type: "InternalIP", address })),
      { type: "Hostname", address: machine.hostname },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: readings.port } },
    nodeInfo: {
      machineID: machine.machineID,
      systemUUID: machine.systemUUID,
      bootID: machine.bootID,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: readings.runtimeVersion,
      kubeletVersion: readings.version,
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: machine.architecture,
    },
    images: imageList(readings.images),
    volumesInUse: [...readings.volumesInUse],
  } as NodeStatus;
}

/** What others say in the capacity that the node has besides, such as example.com/gpu: all of it may be given. */
function extendedResources(old: NodeStatus | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(old?.capacity ?? {}).filter(([name]) => name.includes("/")));
}

function imageList(images: readonly Image[]): ContainerImage[] {
  return images
    .toSorted((a, b) => b.size - a.size)
    .slice(0, MOST_IMAGES)
    .map((it) => ({ names: [...it.repoDigests, ...it.repoTags].slice(0, 5), sizeBytes: it.size }))
    .filter((it) => it.names.length > 0);
}

interface Verdict {
  bad: boolean;
  reason: string;
  message: string;
}

function nodeConditions(old: readonly NodeCondition[], readings: NodeReadings): NodeCondition[] {
  const memoryLow = readings.pressures.has("MemoryPressure");
  const diskLow = readings.pressures.has("DiskPressure");
  const processesLow = readings.pressures.has("PIDPressure");
  const pressure: [string, Verdict][] = [
    [
      "MemoryPressure",
      verdict(memoryLow, "KubeletHasInsufficientMemory", "KubeletHasSufficientMemory", "sufficient memory available"),
    ],
    ["DiskPressure", verdict(diskLow, "KubeletHasDiskPressure", "KubeletHasNoDiskPressure", "no disk pressure")],
    [
      "PIDPressure",
      verdict(processesLow, "KubeletHasInsufficientPID", "KubeletHasSufficientPID", "sufficient PID available"),
    ],
  ];
  const trouble = notReadyReason(readings);
  const ready = {
    status: trouble ? "False" : "True",
    reason: trouble ? "KubeletNotReady" : "KubeletReady",
    message: trouble ?? "kubelet is posting ready status",
  };
  const others = old.filter((it) => it.type !== "Ready" && !pressure.some(([type]) => type === it.type));
  return [
    ...others,
    ...pressure.map(([type, { bad, reason, message }]) =>
      condition(type, { status: bad ? "True" : "False", reason, message }, old, readings.now),
    ),
    condition("Ready", ready, old, readings.now),
  ];
}

function verdict(bad: boolean, badReason: string, goodReason: string, good: string): Verdict {
  const goodMessage = `kubelet has ${good}`;
  const badMessage = good.startsWith("no ")
    ? `kubelet has ${good.slice(3)}`
    : goodMessage.replace("sufficient", "insufficient");
  return { bad, reason: bad ? badReason : goodReason, message: bad ? badMessage : goodMessage };
}

/** Why the node cannot take pods, in the words of Kubernetes; undefined when it can. */
export function notReadyReason({
  runtime,
  runtimeError,
}: Pick<NodeReadings, "runtime" | "runtimeError">): string | undefined {
  if (runtimeError) return `container runtime is down: ${runtimeError}`;
  const bad = runtime.find((it) => !it.status && (it.type === "RuntimeReady" || it.type === "NetworkReady"));
  if (!bad) return undefined;
  const what = bad.type === "NetworkReady" ? "container runtime network not ready" : "container runtime not ready";
  return `${what}: ${bad.type}=false reason:${bad.reason} message:${bad.message}`;
}

function condition(
  type: string,
  next: { status: string; reason: string; message: string },
  old: readonly NodeCondition[],
  now: number,
): NodeCondition {
  const before = old.find((it) => it.type === type);
  const time = formatTime(now);
  const since = before?.status === next.status ? (before.lastTransitionTime ?? time) : time;
  return { type, ...next, lastHeartbeatTime: time, lastTransitionTime: since } as NodeCondition;
}

/** Equal but for heartbeats: nothing worth telling. */
export function sameStatus(a: NodeStatus | undefined, b: NodeStatus): boolean {
  const strip = (it: NodeStatus | undefined) =>
    JSON.stringify([
      it?.capacity,
      it?.allocatable,
      it?.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]),
      it?.addresses,
      it?.nodeInfo && Object.entries(it.nodeInfo).sort(),
      it?.images,
      it?.volumesInUse ?? [],
    ]);
  return strip(a) === strip(b);
}

export interface NodeIdentity {
  nodeName: string;
  hostname: string;
  architecture: string;
  labels?: Record<string, string>;
  taints?: Node["spec"]["taints"];
  /** where it keeps the volumes of the default storage class */
  localVolumes: string;
}

/** The node's object as it registers itself. */
export function newNode(identity: NodeIdentity, status: NodeStatus): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: identity.nodeName,
      labels: nodeLabels(identity),
      annotations: nodeAnnotations(identity),
    },
    spec: identity.taints?.length ? { taints: identity.taints } : {},
    status,
  } as Node;
}

export const nodeAnnotations = ({ localVolumes }: NodeIdentity): Record<string, string> => ({
  "volumes.kubernetes.io/controller-managed-attach-detach": "true",
  [LOCAL_VOLUMES_FOLDER]: localVolumes,
});

export function nodeLabels({ nodeName, architecture, labels = {} }: NodeIdentity): Record<string, string> {
  return {
    "beta.kubernetes.io/arch": architecture,
    "beta.kubernetes.io/os": "linux",
    "kubernetes.io/arch": architecture,
    "kubernetes.io/hostname": nodeName,
    "kubernetes.io/os": "linux",
    ...labels,
  };
}
