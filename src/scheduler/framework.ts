import type { Pod, Service } from "../api/core/v1/index.ts";
import type { Labels, Selector } from "../apimachinery/selectors.ts";
import type { ClusterEvent } from "./clusterEvents.ts";
import type { DeviceView } from "./devices/view.ts";
import type { NodeTable } from "./nodeTable.ts";
import type { PodFacts } from "./podFacts.ts";
import type { VolumeView } from "./volumes/view.ts";

/** Why a node, or all of them, will not do. */
export interface Refusal {
  readonly plugin: string;
  /** in the words of kube-scheduler */
  readonly reasons: readonly string[];
  /** No Pod's leaving can change it. */
  readonly isFinal: boolean;
}

/** What plugins see of the cluster besides nodes and the Pods on them. */
export interface Cluster {
  readonly table: NodeTable;
  readonly volumes: VolumeView;
  readonly devices: DeviceView;
  readonly namespaceLabels: (namespace: string) => Labels | undefined;
  /** The names of the namespaces that a selector matches. */
  namespacesMatching(selector: Selector): readonly string[];
  services(namespace: string): readonly Service[];
  /** What selects a Pod's siblings: its Services and its controller, together; undefined: nothing does. */
  siblings(pod: Pod): Selector | undefined;
}

/** One Pod's question to each node; made once for each cycle, so that what all nodes share is computed once. */
export interface FilterStep {
  /** All nodes are refused. */
  readonly refused?: Refusal;
  /** Only these nodes can do at all. */
  readonly only?: readonly string[];
  readonly refuse?: (slot: number) => Refusal | undefined;
}

/** Gives each of the nodes in `slots` 0…100 in `out`. */
export type ScoreStep = (slots: Int32Array, out: Float64Array) => void;

/** Something held for a Pod between the decision and the binding. */
export interface Reservation {
  readonly plugin: string;
  /** Does what must be done before the Pod is bound; throws when it cannot be. */
  prepare(signal: AbortSignal): Promise<void>;
  /** It is over, well or not. */
  release(isBound: boolean): void | Promise<void>;
}

/** Whether an event may let a Pod be scheduled that this plugin refused. */
export type QueueingHint = (pod: Pod, event: ClusterEvent, table: NodeTable) => boolean;

/** One concern in choosing a node. */
export interface Plugin {
  readonly name: string;
  /** Its filter and its score follow from what the Pod requests and from the node's own row of the table alone. */
  readonly isLocal?: true;
  /** Why the Pod must not even be tried. */
  gate?(pod: Pod): string | undefined;
  /** undefined: this Pod is not its affair */
  filter?(pod: PodFacts, cluster: Cluster): FilterStep | undefined;
  score?(pod: PodFacts, cluster: Cluster): ScoreStep | undefined;
  reserve?(pod: PodFacts, nodeName: string, cluster: Cluster): Reservation | undefined;
  hint?: QueueingHint;
}

/** Scales to 0…100 as Kubernetes does: whole numbers, the most is 100; `reverse`: the least is. */
export function normalize(scores: Float64Array, reverse: boolean): void {
  let most = 0;
  for (let i = 0; i < scores.length; i++) if (scores[i]! > most) most = scores[i]!;
  for (let i = 0; i < scores.length; i++) {
    if (most === 0) {
      if (reverse) scores[i] = 100;
      continue;
    }
    const share = Math.trunc((100 * scores[i]!) / most);
    scores[i] = reverse ? 100 - share : share;
  }
}
