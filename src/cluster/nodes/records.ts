import { ClusterError } from "../errors.ts";
import type { ClusterConfig, WorkerRecord } from "../layout.ts";

/** More would need more memory and address space than one host has to give. */
export const MAX_NODES = 50;

/** The cluster's settings with at least `count` nodes, the first included. */
export function withNodes(config: ClusterConfig, count: number): ClusterConfig {
  let grown = config;
  while (1 + (grown.nodes?.length ?? 0) < count) grown = withNode(grown, { name: freeName(grown) });
  return grown;
}

export function withNode(config: ClusterConfig, node: WorkerRecord): ClusterConfig {
  const problem = nodeNameProblem(config, node.name);
  if (problem) throw new ClusterError(problem);
  if (1 + (config.nodes?.length ?? 0) >= MAX_NODES)
    throw new ClusterError(`cluster ${config.name} has ${MAX_NODES} nodes, the most that one host can run`);
  return { ...config, nodes: [...(config.nodes ?? []), node] };
}

export function withoutNode(config: ClusterConfig, name: string): ClusterConfig {
  return { ...config, nodes: config.nodes?.filter((node) => node.name !== name) };
}

export function withStopped(config: ClusterConfig, name: string, stopped: boolean): ClusterConfig {
  const change = (node: WorkerRecord): WorkerRecord => ({ ...node, stopped: stopped || undefined });
  return { ...config, nodes: config.nodes?.map((node) => (node.name === name ? change(node) : node)) };
}

/** The smallest of node-2, node-3, … that no node has. */
export function freeName(config: ClusterConfig): string {
  let number = 2;
  while (isTaken(config, `node-${number}`)) number++;
  return `node-${number}`;
}

const isTaken = (config: ClusterConfig, name: string) =>
  config.nodeName === name || (config.nodes ?? []).some((node) => node.name === name);

function nodeNameProblem(config: ClusterConfig, name: string): string | undefined {
  if (isTaken(config, name)) return `cluster ${config.name} has a node ${name} already`;
  // becomes part of file names, and a label's value
  if (!/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name))
    return `"${name}" cannot name a node: use up to 40 lower-case letters, digits and "-", not "-" first or last`;
  return undefined;
}

/** The record of a worker; says what names there are when it is unknown. */
export function workerRecord(config: ClusterConfig, name: string): WorkerRecord {
  const found = config.nodes?.find((node) => node.name === name);
  if (found) return found;
  if (name === config.nodeName)
    throw new ClusterError(`${name} is the cluster's first node, which is this host itself`, {
      hint: "cox stop, cox start and cox down are for the cluster as a whole",
    });
  const names = (config.nodes ?? []).map((node) => node.name);
  throw new ClusterError(`cluster ${config.name} has no node ${name}`, {
    hint: names.length > 0 ? `there are ${names.join(", ")}` : "cox node add makes one",
  });
}
