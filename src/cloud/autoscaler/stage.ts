import type { DaemonSet } from "../../api/apps/v1/index.ts";
import {
  isNodeReady,
  isTerminal,
  type Node,
  nodeAllowed,
  type Pod,
  parseAmounts,
  podRequests,
  tolerates,
} from "../../api/core/v1/index.ts";
import type { NodeGroup } from "../provider.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { CANDIDATE, isDaemon, LEAVING, leavingTaint, type Seen } from "./state.ts";

/** Puts the cluster as it is on stage. */
export function setStage({ nodes, pods }: Seen, rehearsal: Rehearsal): void {
  for (const node of nodes) rehearsal.addNode(node);
  for (const pod of pods) if (pod.spec.nodeName && !isTerminal(pod)) rehearsal.place(pod, pod.spec.nodeName);
}

/** The nodes that take Pods, by name. */
export const present = ({ nodes }: Seen): string[] =>
  nodes.filter((node) => isNodeReady(node) && !leavingTaint(node)).map(({ metadata }) => metadata.name!);

/** What a node has only while it starts is no hindrance. */
const STARTING = /^node(\.cloudprovider)?\.kubernetes\.io\//;

/** Adds a node more of the group, as its others are, with the daemons that would run there; answers how it is called. */
export function addNewNode(group: NodeGroup, seen: Seen, rehearsal: Rehearsal, name: string): string {
  const member = seen.nodes.find(
    (node) => group.members.includes(node.metadata.name!) && isNodeReady(node) && !leavingTaint(node),
  );
  const { metadata, spec, status, ...rest } = member ?? group.template;
  const labels = { ...metadata.labels, "kubernetes.io/hostname": name };
  const taints = spec.taints?.filter(({ key }) => !STARTING.test(key) && key !== LEAVING && key !== CANDIDATE);
  const node: Node = { ...rest, metadata: { name, labels }, spec: { taints }, status };
  rehearsal.addNode(node, member?.metadata.name);
  const there = rehearsal.podsOn(name).filter(isDaemon);
  for (const daemonSet of seen.daemonSets) {
    const runs = there.some(({ metadata: { ownerReferences } }) =>
      ownerReferences?.some(({ uid }) => uid === daemonSet.metadata.uid),
    );
    if (!runs && wants(daemonSet, node)) rehearsal.place(daemonPod(daemonSet, name), name);
  }
  return name;
}

function wants({ spec: { template } }: DaemonSet, node: Node): boolean {
  const tolerations = template.spec.tolerations ?? [];
  const hard = (node.spec.taints ?? []).filter(({ effect }) => effect !== "PreferNoSchedule");
  return hard.every((taint) => tolerations.some((it) => tolerates(it, taint))) && nodeAllowed(template, node);
}

function daemonPod({ metadata, spec: { template } }: DaemonSet, node: string): Pod {
  const { name, namespace, uid = "" } = metadata;
  const owner = { apiVersion: "apps/v1", kind: "DaemonSet", name: name!, uid, controller: true };
  const own = { name: `${name}-${node}`, namespace, labels: template.metadata?.labels, ownerReferences: [owner] };
  return { metadata: own, spec: { ...template.spec, nodeName: node }, status: {} } as Pod;
}

/** The larger of the shares of CPU and memory that its Pods request. */
export function utilization({ status }: Node, pods: readonly Pod[]): number {
  const allocatable = parseAmounts(status.allocatable);
  const share = (name: "cpu" | "memory") => {
    const there = allocatable[name]?.toNumber() ?? 0;
    const used = pods.reduce((sum, pod) => sum + (podRequests(pod.spec)[name]?.toNumber() ?? 0), 0);
    return there === 0 ? 0 : used / there;
  };
  return Math.max(share("cpu"), share("memory"));
}
