import { isNodeReady, type Node } from "../../api/core/v1/index.ts";
import type { NodeGroup } from "../provider.ts";
import type { AutoscalerOptions } from "./options.ts";
import { leavingTaint, type Seen } from "./state.ts";

/** How many nodes there are of each sort, by the names that the status has for them. */
export interface NodeCounts {
  registered: { total: number; ready: number; notStarted: number; beingDeleted?: number; unready?: { total: number } };
  longUnregistered: number;
  unregistered: number;
}

/** `groups`: those whose members may still have to register; `awaited`: since when that is waited for, by name. */
export function countNodes(
  nodes: readonly Node[],
  groups: readonly NodeGroup[],
  { now, awaited }: { now: number; awaited: ReadonlyMap<string, number> },
  { provisionTime }: Pick<AutoscalerOptions, "provisionTime">,
): NodeCounts {
  const isLate = (name: string) => now - (awaited.get(name) ?? now) >= provisionTime;
  const names = new Set(nodes.map(({ metadata }) => metadata.name));
  const absent = groups.flatMap(({ members }) => members.filter((name) => !names.has(name)));
  const leaving = nodes.filter(leavingTaint);
  const others = nodes.filter((node) => !leavingTaint(node) && !isNodeReady(node));
  const starting = others.filter((node) => isStarting(node, now, provisionTime));
  const unready = others.length - starting.length;
  return {
    registered: {
      total: nodes.length,
      ready: nodes.length - leaving.length - others.length,
      notStarted: starting.length,
      ...(leaving.length > 0 ? { beingDeleted: leaving.length } : {}),
      ...(unready > 0 ? { unready: { total: unready } } : {}),
    },
    longUnregistered: absent.filter(isLate).length,
    unregistered: absent.filter((name) => !isLate(name)).length,
  };
}

/** Not ready, but so young that it may still become so. */
export function isStarting(node: Node, now: number, provisionTime: number): boolean {
  return !isNodeReady(node) && now - Date.parse(node.metadata.creationTimestamp ?? "") < provisionTime;
}

/** A cluster of which too much is silent had better be left alone: what is seen of it may be wrong. */
export function isHealthy({ registered, longUnregistered }: NodeCounts, options: AutoscalerOptions): boolean {
  const bad = (registered.unready?.total ?? 0) + longUnregistered;
  return bad <= options.okUnready || bad * 100 <= options.maxUnreadyPercentage * registered.total;
}

/** Those of the whole cluster, whether the autoscaler made them or not. */
export const clusterCounts = (seen: Seen, awaited: ReadonlyMap<string, number>, options: AutoscalerOptions) =>
  countNodes(seen.nodes, seen.groups, { now: seen.now, awaited }, options);
