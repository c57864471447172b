import type { DaemonSet } from "../../api/apps/v1/index.ts";
import {
  type Amounts,
  addAmounts,
  isNodeReady,
  type Node,
  nodeAllowed,
  podRequests,
  tolerates,
} from "../../api/core/v1/index.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import type { NodeGroup } from "../provider.ts";
import { emptyRoom, type Room, withPod } from "./room.ts";
import { isOver, leavingTaint, type Seen } from "./state.ts";

/** The nodes that take Pods, with what they have. */
export function presentRooms({ nodes, pods }: Seen): Room[] {
  const ready = nodes.filter((node) => isNodeReady(node) && !node.spec.unschedulable && !leavingTaint(node));
  const rooms = new Map(ready.map((node) => [node.metadata.name, emptyRoom(node)]));
  for (const pod of pods) {
    const room = rooms.get(pod.spec.nodeName);
    if (room && !isOver(pod)) rooms.set(pod.spec.nodeName, withPod(room, pod));
  }
  return [...rooms.values()];
}

/** A node more of the group, with what the daemons would take of it. */
export function newRoom(group: NodeGroup, daemonSets: readonly DaemonSet[], name: string): Room {
  const { metadata, spec } = group.template;
  const labels = { ...metadata.labels, "kubernetes.io/hostname": name };
  // what a node has only while it starts is no hindrance
  const taints = spec.taints?.filter(({ key }) => !/^node(\.cloudprovider)?\.kubernetes\.io\//.test(key));
  const node: Node = { ...group.template, metadata: { ...metadata, name, labels }, spec: { ...spec, taints } };
  return emptyRoom(node, daemonShare(node, daemonSets));
}

const ONE = parseQuantity("1");

function daemonShare(node: Node, daemonSets: readonly DaemonSet[]): Amounts {
  let share: Amounts = {};
  for (const { spec } of daemonSets) {
    const template = spec.template;
    const isTolerated = (node.spec.taints ?? []).every(
      (taint) =>
        taint.effect === "PreferNoSchedule" || (template.spec.tolerations ?? []).some((it) => tolerates(it, taint)),
    );
    if (!isTolerated || !nodeAllowed(template, node)) continue;
    share = addAmounts(share, { ...podRequests(template.spec), pods: ONE });
  }
  return share;
}
