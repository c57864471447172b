import { Lease } from "../api/coordination/v1/index.ts";
import { Node, type NodeCondition, type NodeStatus } from "../api/core/v1/index.ts";
import { LOCAL_VOLUMES_FOLDER } from "../api/storage/v1/index.ts";
import { formatMicroTime, formatTime } from "../apimachinery/time.ts";

export interface SimulatedNode {
  name: string;
  labels?: Record<string, string>;
  /** quantities; default 4 CPUs, 16 GiB and 110 Pods */
  capacity?: Record<string, string>;
  taints?: Node["spec"]["taints"];
  /** its block of Pod addresses; left out: the cluster gives it one */
  podCIDR?: string;
}

export const LEASES = "kube-node-lease";
export const LEASE_SECONDS = 40;

const CAPACITY = { cpu: "4", memory: "16Gi", pods: "110", "ephemeral-storage": "100Gi" };

export function nodeObject(node: SimulatedNode, address: string, now: number): Node {
  const labels = {
    "kubernetes.io/hostname": node.name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    ...node.labels,
  };
  const annotations = { "simulation.coxswain.dev/node": "true", [LOCAL_VOLUMES_FOLDER]: "/simulated/local-volumes" };
  const metadata = { name: node.name, labels, annotations };
  const spec = {
    ...(node.taints ? { taints: node.taints } : {}),
    ...(node.podCIDR ? { podCIDR: node.podCIDR, podCIDRs: [node.podCIDR] } : {}),
  };
  return {
    apiVersion: Node.apiVersion,
    kind: Node.kind,
    metadata,
    spec,
    status: nodeStatus(node, address, undefined, now),
  };
}

/** The status a kubelet would send; conditions keep the time since when they hold. */
export function nodeStatus(node: SimulatedNode, address: string, old: NodeStatus | undefined, now: number): NodeStatus {
  const capacity = { ...CAPACITY, ...node.capacity };
  return {
    ...old,
    capacity,
    allocatable: capacity,
    conditions: nodeConditions(old, now),
    addresses: [
      { type: "InternalIP", address },
      { type: "Hostname", address: node.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: node.name,
      systemUUID: node.name,
      bootID: node.name,
      kernelVersion: "simulated",
      osImage: "simulated",
      containerRuntimeVersion: "simulated://1.0.0",
      kubeletVersion: "v1.36.2",
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: "amd64",
    },
  };
}

const CONDITIONS: [type: string, status: string, reason: string, message: string][] = [
  ["MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
  ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
  ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
  ["Ready", "True", "KubeletReady", "kubelet is posting ready status"],
];

function nodeConditions(old: NodeStatus | undefined, now: number): NodeCondition[] {
  const time = formatTime(now);
  return CONDITIONS.map(([type, status, reason, message]) => {
    const known = old?.conditions?.find((condition) => condition.type === type);
    const lastTransitionTime = known?.status === status ? (known.lastTransitionTime ?? time) : time;
    return { type, status, reason, message, lastHeartbeatTime: time, lastTransitionTime };
  });
}

export function leaseObject(name: string, owner: Node, now: number): Lease {
  const reference = { apiVersion: Node.apiVersion, kind: Node.kind, name, uid: owner.metadata.uid ?? "" };
  return {
    apiVersion: Lease.apiVersion,
    kind: Lease.kind,
    metadata: { name, namespace: LEASES, ownerReferences: [reference] },
    spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: formatMicroTime(now) },
  };
}
