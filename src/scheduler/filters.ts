import { type Node, type Pod, tolerates } from "../api/core/v1/index.ts";
import { nodeAllowed } from "./nodeAffinity.ts";
import type { NodeTable } from "./nodeTable.ts";
import type { PodDemand } from "./podDemand.ts";
import { untolerated } from "./taints.ts";

/** What a filter is asked: may this Pod run on the node in this slot? */
export interface Candidate {
  readonly pod: Pod;
  readonly demand: PodDemand;
  readonly table: NodeTable;
  readonly slot: number;
  readonly node: Node;
}

/** A reason to refuse a node, in the words kube-scheduler uses, or several; empty when the node will do. */
export interface FilterPlugin {
  readonly name: string;
  refuse(candidate: Candidate): readonly string[];
}

const NONE: readonly string[] = [];

const nodeUnschedulable: FilterPlugin = {
  name: "NodeUnschedulable",
  refuse({ pod, node }) {
    if (!node.spec.unschedulable) return NONE;
    const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
    const tolerated = pod.spec.tolerations?.some((toleration) => tolerates(toleration, taint));
    return tolerated ? NONE : ["node(s) were unschedulable"];
  },
};

const nodeName: FilterPlugin = {
  name: "NodeName",
  refuse({ pod, node }) {
    return !pod.spec.nodeName || pod.spec.nodeName === node.metadata.name
      ? NONE
      : ["node(s) didn't match the requested node name"];
  },
};

const taintToleration: FilterPlugin = {
  name: "TaintToleration",
  refuse({ pod, node }) {
    const taint = untolerated(pod, node.spec.taints ?? []);
    return taint ? [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`] : NONE;
  },
};

const nodeAffinity: FilterPlugin = {
  name: "NodeAffinity",
  refuse({ pod, node }) {
    return nodeAllowed(pod, node) ? NONE : ["node(s) didn't match Pod's node affinity/selector"];
  },
};

const nodePorts: FilterPlugin = {
  name: "NodePorts",
  refuse({ demand, table, slot }) {
    return demand.hostPorts.some((port) => table.portTaken(slot, port))
      ? ["node(s) didn't have free ports for the requested pod ports"]
      : NONE;
  },
};

const nodeResourcesFit: FilterPlugin = {
  name: "NodeResourcesFit",
  refuse({ demand, table, slot }) {
    const pods = table.column("pods");
    const lacking: string[] = [];
    if (!pods || pods.requested[slot]! + 1 > pods.allocatable[slot]!) lacking.push("Too many pods");
    for (const [resource, wanted] of demand.requests) {
      if (wanted === 0) continue;
      const column = table.column(resource);
      if (!column || column.requested[slot]! + wanted > column.allocatable[slot]!) {
        lacking.push(`Insufficient ${resource}`);
      }
    }
    return lacking;
  },
};

/** In the order in which they are asked; the first that refuses a node decides. */
export const filterPlugins: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
];
