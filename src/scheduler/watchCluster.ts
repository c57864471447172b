import { isTerminal, Node, Pod } from "../api/core/v1/index.ts";
import { deepEqual } from "../apimachinery/equal.ts";
import type { Informers } from "../client/informer.ts";
import type { ClusterEvent } from "./clusterEvents.ts";
import { READ_KINDS } from "./clusterView.ts";
import { DEVICE_KINDS } from "./devices/view.ts";
import { asBound, type NodeTable } from "./nodeTable.ts";
import type { Nominations } from "./nominations.ts";
import { factsOf, keyOfPod } from "./podFacts.ts";
import type { SchedulingQueue } from "./queue.ts";
import { VOLUME_KINDS } from "./volumes/view.ts";

/** What changes in the cluster change. */
export interface Followers {
  table: NodeTable;
  queue: SchedulingQueue;
  nominations: Nominations;
  /** one of our profiles schedules this Pod */
  isOurs(pod: Pod): boolean;
  /** it counts on a node already, though it is not seen there yet */
  isAssumed(key: string): boolean;
  /** it is seen bound, or it is gone */
  settled(key: string): void;
}

/** Keeps table and queue true to the cluster, from when all is known. Answers how to stop. */
export async function watchCluster(
  informers: Informers,
  signal: AbortSignal,
  followers: Followers,
): Promise<() => void> {
  const nodes = informers.informer(Node);
  const pods = informers.informer(Pod);
  const others = READ_KINDS.map((kind) => informers.informer(kind));
  try {
    await Promise.all([nodes, pods, ...others].map((informer) => informer.whenSynced(signal)));
  } catch (error) {
    if (signal.aborted) return () => {};
    throw error;
  }
  const { table, queue } = followers;
  const podChanges = new PodChanges(followers);
  const nodeChanged = (node: Node, old?: Node) => {
    if (old && offersTheSame(old, node)) return;
    table.setNode(node);
    queue.happened({ resource: "Node", old, new: node });
  };
  const stop = [
    nodes.subscribe({
      added: (node) => nodeChanged(node),
      updated: (node, old) => nodeChanged(node, old),
      deleted(node) {
        table.removeNode(node.metadata.name!);
        queue.happened({ resource: "Node", old: node, new: undefined });
      },
    }),
    pods.subscribe({
      added: (pod) => podChanges.changed(pod, undefined),
      updated: (pod, old) => podChanges.changed(pod, old),
      deleted: (pod) => podChanges.gone(pod),
    }),
    ...[...VOLUME_KINDS, ...DEVICE_KINDS].map((kind) => {
      const tell = (old: unknown, now: unknown) =>
        queue.happened({ resource: kind.kind, old, new: now } as unknown as ClusterEvent);
      return informers.informer(kind).subscribe({
        added: (object) => tell(undefined, object),
        updated: (object, old) => tell(old, object),
        deleted: (object) => tell(object, undefined),
      });
    }),
  ];
  return () => {
    for (const unsubscribe of stop) unsubscribe();
  };
}

class PodChanges {
  readonly #followers: Followers;

  constructor(followers: Followers) {
    this.#followers = followers;
  }

  changed(pod: Pod, old: Pod | undefined): void {
    if (old && old.metadata.uid !== pod.metadata.uid) this.gone(old);
    if (pod.spec.nodeName) return this.#bound(pod, old);
    if (!this.#followers.isOurs(pod)) return;
    this.#unbound(pod, old);
  }

  gone(pod: Pod): void {
    const { table, queue, nominations, settled } = this.#followers;
    const key = keyOfPod(pod);
    queue.remove(key);
    nominations.remove(key);
    settled(key);
    const placed = table.removePod(key);
    if (placed) queue.happened({ resource: "AssignedPod", old: asBound(placed), new: undefined });
  }

  #unbound(pod: Pod, old: Pod | undefined): void {
    const { queue, nominations, isAssumed, table } = this.#followers;
    const key = keyOfPod(pod);
    if (isOver(pod)) {
      queue.remove(key);
      nominations.remove(key);
      return;
    }
    if (isAssumed(key)) return;
    const nominated = pod.status.nominatedNodeName;
    if (nominated && !table.placed(key)) nominations.nominate(factsOf(pod), nominated);
    else if (old?.status.nominatedNodeName) nominations.remove(key);
    // Our own report of a failure changes the status only, and must not make the Pod try again at once.
    if (old && sameWishes(old, pod)) queue.refresh(pod);
    else queue.add(pod);
  }

  #bound(pod: Pod, old: Pod | undefined): void {
    const { table, queue, nominations, settled } = this.#followers;
    const isNew = !old?.spec.nodeName;
    if (!isNew && takesTheSame(old, pod)) return;
    const key = keyOfPod(pod);
    if (isNew) {
      queue.remove(key);
      nominations.remove(key);
      settled(key);
    }
    if (isTerminal(pod)) {
      if (table.removePod(key)) queue.happened({ resource: "AssignedPod", old: pod, new: undefined });
      return;
    }
    table.placePod(pod, pod.spec.nodeName!);
    queue.happened({ resource: "AssignedPod", old: isNew ? undefined : old, new: pod });
  }
}

/** Nobody waits for a node any more. */
function isOver(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined || isTerminal(pod);
}

function sameWishes(a: Pod, b: Pod): boolean {
  return (
    a.metadata.generation === b.metadata.generation &&
    !a.spec.schedulingGates?.length === !b.spec.schedulingGates?.length &&
    deepEqual(a.metadata.labels, b.metadata.labels) &&
    deepEqual(a.status.resourceClaimStatuses, b.status.resourceClaimStatuses)
  );
}

/** Heartbeats change a node's status without changing what it offers to Pods. */
function offersTheSame(a: Node, b: Node): boolean {
  return (
    a.metadata.uid === b.metadata.uid &&
    deepEqual(a.spec, b.spec) &&
    deepEqual(a.metadata.labels, b.metadata.labels) &&
    deepEqual(a.status.allocatable, b.status.allocatable) &&
    deepEqual(a.status.images, b.status.images)
  );
}

/** A bound Pod's status changes often; what it takes from its node changes with its spec, a resize, or its end. */
function takesTheSame(a: Pod, b: Pod): boolean {
  return (
    a.metadata.uid === b.metadata.uid &&
    a.metadata.generation === b.metadata.generation &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
    a.status.phase === b.status.phase &&
    deepEqual(a.metadata.labels, b.metadata.labels) &&
    resourcesInUse(a) === resourcesInUse(b)
  );
}

function resourcesInUse({ status }: Pod): string {
  const all = status.containerStatuses;
  if (!all?.some(({ resources, allocatedResources }) => resources || allocatedResources)) return "";
  return JSON.stringify(all.map(({ resources, allocatedResources }) => [resources?.requests, allocatedResources]));
}
