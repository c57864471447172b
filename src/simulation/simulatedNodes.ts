import { Node, Pod } from "../api/core/v1/index.ts";
import { isConflict, isNotFound } from "../apimachinery/status.ts";
import { aborted, type Informer, keyOf, parseKey, type Runtime, WorkQueue } from "../client/index.ts";
import { formatIPv4 } from "./addresses.ts";
import { behaviourOf, type PodBehaviour } from "./behaviour.ts";
import { letVolumesGo } from "./localVolumes.ts";
import { Machine } from "./machine.ts";
import type { SimulatedNode } from "./nodeObject.ts";
import { nextAction, type PodAction } from "./podStates.ts";

export interface SimulatedNodesOptions extends Runtime {
  nodes: readonly (string | SimulatedNode)[];
  /** how Pods behave that say nothing else in their annotations: the same for all, or by Pod */
  behaviour?: Partial<PodBehaviour> | ((pod: Pod) => Partial<PodBehaviour>);
  /** Nodes of an earlier, larger fleet, by name, that are to go. */
  isLeftOver?: (nodeName: string) => boolean;
}

/** Nodes' own addresses: 172.16.0.1 and on. */
const FIRST_ADDRESS = 172 * 2 ** 24 + 16 * 2 ** 16 + 1;
/** So many nodes register at once. */
const BATCH = 50;
const BY_NODE = "simulatedNode";

/** Nodes that only pretend: they register, beat, and report Pods as a kubelet would, but run nothing. */
export class SimulatedNodes {
  readonly #options: SimulatedNodesOptions;
  readonly #machines = new Map<string, Machine>();
  /** when a Pod came to its node, by UID */
  readonly #since = new Map<string, number>();
  readonly #queue: WorkQueue;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;

  constructor(options: SimulatedNodesOptions) {
    this.#options = options;
    this.#pods = options.informers.informer(Pod, { fieldSelector: "spec.nodeName!=" });
    this.#pods.addIndex(BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
    this.#nodes = options.informers.informer(Node);
    this.#queue = new WorkQueue({
      clock: options.clock,
      workers: 50,
      process: (key) => this.#process(key),
      firstRetry: 100,
      lastRetry: 10_000,
    });
  }

  /** Registers the nodes and plays their part until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const stops: (() => void)[] = [];
    try {
      await Promise.all([this.#pods.whenSynced(signal), this.#nodes.whenSynced(signal)]);
      stops.push(this.#nodes.subscribe(this.#nodeHandler()), this.#pods.subscribe(this.#podHandler()));
      stops.push(letVolumesGo(this.#options, (hostname) => this.#machines.has(hostname)));
      const { nodes } = this.#options;
      await this.#removeLeftOvers();
      for (let i = 0; i < nodes.length && !signal.aborted; i += BATCH) {
        await Promise.all(nodes.slice(i, i + BATCH).map((node) => this.add(node)));
      }
      await aborted(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      for (const stop of stops) stop();
      for (const machine of this.#machines.values()) machine.stop();
      await this.#queue.stop();
    }
  }

  async #removeLeftOvers(): Promise<void> {
    const { client, isLeftOver } = this.#options;
    if (!isLeftOver) return;
    for (const { metadata } of [...this.#nodes.list()].filter(({ metadata }) => isLeftOver(metadata.name!))) {
      await client.delete(Node, { name: metadata.name! }).catch((error) => {
        if (!isNotFound(error)) throw error;
      });
    }
  }

  /** Adds a node, or brings a silent one back. */
  async add(node: string | SimulatedNode): Promise<void> {
    const spec = typeof node === "string" ? { name: node } : node;
    const known = this.#machines.get(spec.name);
    const machine = known ?? new Machine(spec, formatIPv4(FIRST_ADDRESS + this.#machines.size), this.#options);
    this.#machines.set(spec.name, machine);
    await machine.start();
    this.#wakePods(spec.name);
  }

  /** The node falls silent and does nothing any more, as a machine without power. */
  silence(name: string): void {
    this.#machines.get(name)?.stop();
  }

  #nodeHandler() {
    return {
      updated: (node: Node, old: Node) => {
        if (node.spec.podCIDR !== old.spec.podCIDR) this.#wakePods(node.metadata.name ?? "");
      },
      // A machine whose node was deleted is taken for scrapped.
      deleted: (node: Node) => {
        this.#machines.get(node.metadata.name ?? "")?.stop();
        this.#machines.delete(node.metadata.name ?? "");
      },
    };
  }

  #podHandler() {
    const wake = (pod: Pod) => {
      if (pod.spec.nodeName && this.#machines.has(pod.spec.nodeName)) this.#queue.add(keyOf(pod));
    };
    return {
      added: wake,
      updated: wake,
      deleted: (pod: Pod) => {
        const { uid = "" } = pod.metadata;
        this.#since.delete(uid);
        this.#machines.get(pod.spec.nodeName ?? "")?.release(uid);
      },
    };
  }

  #wakePods(node: string): void {
    for (const pod of this.#pods.byIndex(BY_NODE, node)) this.#queue.add(keyOf(pod));
  }

  async #process(key: string): Promise<void> {
    const pod = this.#pods.get(parseKey(key));
    const machine = pod?.spec.nodeName ? this.#machines.get(pod.spec.nodeName) : undefined;
    if (!pod || !machine?.isAlive) return;
    const action = this.#decide(pod, machine);
    try {
      await this.#act(key, pod, action);
      this.#queue.forget(key);
    } catch (error) {
      if (isNotFound(error)) return; // gone meanwhile
      const { logger } = this.#options;
      // Someone else wrote first: the event that tells so wakes this Pod again.
      if (isConflict(error)) logger.debug("pod status met a newer version", { pod: key });
      else logger.warn("pod status not written", { pod: key, error: (error as Error).message });
      this.#queue.retry(key);
    }
  }

  #decide(pod: Pod, machine: Machine): PodAction {
    const { clock, behaviour = {} } = this.#options;
    const { uid = "" } = pod.metadata;
    const now = clock.now();
    const since = this.#since.get(uid) ?? now;
    this.#since.set(uid, since);
    const podCIDR = this.#nodes.get({ name: machine.node.name })?.spec.podCIDR;
    const podIP = pod.spec.hostNetwork ? machine.address : machine.podAddress(uid, podCIDR);
    // Without addresses, the node's Pods wait; the block's arrival wakes them.
    if (!podIP && !pod.metadata.deletionTimestamp) return { do: "nothing" };
    const general = typeof behaviour === "function" ? behaviour(pod) : behaviour;
    const place = { hostIP: machine.address, podIP: podIP ?? "", since };
    return nextAction(pod, place, behaviourOf(pod, general), now);
  }

  async #act(key: string, pod: Pod, action: PodAction): Promise<void> {
    const { client } = this.#options;
    const { namespace, name = "", uid } = pod.metadata;
    if (action.do === "wait") this.#queue.addAfter(key, action.ms);
    else if (action.do === "write") await client.updateStatus(Pod, { ...pod, status: action.status });
    else if (action.do === "remove") {
      await client.delete(Pod, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
    }
  }
}

/** Runs nodes that only pretend, thousands in one process, until `signal` aborts. */
export function runSimulatedNodes(options: SimulatedNodesOptions, signal: AbortSignal): Promise<void> {
  return new SimulatedNodes(options).run(signal);
}
