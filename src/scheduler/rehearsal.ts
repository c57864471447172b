import type { Node, Pod } from "../api/core/v1/index.ts";
import type { Client } from "../client/client.ts";
import type { Informers } from "../client/informer.ts";
import type { Clock } from "../util/clock.ts";
import { seededRandom } from "../util/random.ts";
import { ClusterView, READ_KINDS } from "./clusterView.ts";
import { defaultConfiguration, type SchedulerConfiguration } from "./config/types.ts";
import { DeviceBinder } from "./devices/binder.ts";
import { type PodFilter, prepareFilter } from "./filtering.ts";
import type { Plugin, Reservation } from "./framework.ts";
import { NodeTable } from "./nodeTable.ts";
import { factsOf, keyOfPod, type PodFacts } from "./podFacts.ts";
import { createProfile } from "./profile.ts";
import { VolumeBinder } from "./volumes/binder.ts";
import { VolumeView } from "./volumes/view.ts";

export interface RehearsalOptions {
  client: Client;
  informers: Informers;
  clock: Clock;
  configuration?: SchedulerConfiguration;
}

/** Nodes that are only thought of have no CSINode: that of a node like them is asked. */
class RehearsedVolumes extends VolumeView {
  readonly likeness = new Map<string, string>();
  override csiNode(name: string) {
    return super.csiNode(this.likeness.get(name) ?? name);
  }
}

/**
 * What the scheduler's filters would say, were the nodes and Pods those that are put in here. Volumes, Services and
 * namespaces are the cluster's. Nothing is written. Whatever is done after `mark()` can be taken back.
 */
export class Rehearsal {
  readonly #table = new NodeTable();
  readonly #volumes: RehearsedVolumes;
  readonly #cluster: ClusterView;
  readonly #filters: readonly Plugin[];
  readonly #reserves: readonly Plugin[];
  readonly #held = new Map<string, readonly Reservation[]>();
  /** how to take back what was done, the last at the end */
  readonly #undo: (() => void)[] = [];

  constructor({ client, informers, clock, configuration = defaultConfiguration() }: RehearsalOptions) {
    const view = new RehearsedVolumes(informers);
    this.#volumes = view;
    this.#cluster = new ClusterView(this.#table, informers, view);
    const common = { client, informers, clock };
    const { filters, reserves } = createProfile(configuration.profiles[0]!, {
      clock,
      random: seededRandom(1), // nothing that depends on chance is ever written
      volumes: (timeout) => new VolumeBinder({ ...common, view, timeout }),
      devices: new DeviceBinder({ ...common, view: this.#cluster.devices }),
    });
    this.#filters = filters;
    this.#reserves = reserves;
  }

  /** Whoever rehearses waits until these are known. */
  static readonly reads = READ_KINDS;

  /** Adds a node, or puts it in the place of the one of its name. `like`: the node whose drivers it would have. */
  addNode(node: Node, like?: string): void {
    const name = node.metadata.name!;
    const slot = this.#table.slotOf(name);
    const before = slot === undefined ? undefined : this.#table.node(slot);
    this.#table.setNode(node);
    if (like !== undefined) this.#volumes.likeness.set(name, like);
    this.#undo.push(() => {
      if (before) this.#table.setNode(before);
      else this.#table.removeNode(name);
      if (like !== undefined) this.#volumes.likeness.delete(name);
    });
  }
  removeNode(name: string): void {
    const slot = this.#table.slotOf(name);
    if (slot === undefined) return;
    const before = this.#table.node(slot)!;
    this.#table.removeNode(name);
    this.#undo.push(() => this.#table.setNode(before));
  }

  /** Counts the Pod on the node, and no longer where it was. */
  place(pod: Pod, nodeName: string): void {
    const { key } = factsOf(pod);
    const before = this.#table.placed(key);
    if (before) this.#remove(key);
    this.#put(pod, nodeName);
    this.#undo.push(() => {
      this.#remove(key);
      if (before) this.#put(before.facts.pod, before.nodeName);
    });
  }
  take(pod: Pod): void {
    const before = this.#table.placed(keyOfPod(pod));
    if (!before) return;
    this.#remove(before.facts.key);
    this.#undo.push(() => this.#put(before.facts.pod, before.nodeName));
  }

  podsOn(nodeName: string): Pod[] {
    return [...this.#table.podsOn(nodeName).values()].map(({ facts }) => facts.pod);
  }
  isOn(pod: Pod): string | undefined {
    return this.#table.placed(keyOfPod(pod))?.nodeName;
  }

  /** Why the Pod could not run there, in the scheduler's words. */
  obstacle(pod: Pod, nodeName: string): string | undefined {
    const filter = this.#filterFor(factsOf(asWaiting(pod)));
    return this.#refusal(filter, nodeName)?.join(", ");
  }
  /** The first of these nodes that would take the Pod. */
  findRoom(pod: Pod, among: Iterable<string>): string | undefined {
    const filter = this.#filterFor(factsOf(asWaiting(pod)));
    if (filter.refused) return undefined;
    for (const name of among) if (!this.#refusal(filter, name)) return name;
    return undefined;
  }

  mark(): number {
    return this.#undo.length;
  }
  rollBack(mark: number): void {
    while (this.#undo.length > mark) this.#undo.pop()!();
  }

  #filterFor(pod: PodFacts): PodFilter {
    return prepareFilter(this.#filters, pod, this.#cluster);
  }
  #refusal(filter: PodFilter, nodeName: string): readonly string[] | undefined {
    if (filter.refused) return filter.refused.reasons;
    const slot = this.#table.slotOf(nodeName);
    if (slot === undefined) return ["node not found"];
    if (filter.only?.has(nodeName) === false) return [filter.others!];
    return filter.refusalOf(slot)?.reasons;
  }
  #put(pod: Pod, nodeName: string): void {
    const facts = factsOf(asWaiting(pod));
    const isKnown = this.#table.slotOf(nodeName) !== undefined;
    const held = isKnown ? this.#reserves.flatMap((it) => it.reserve!(facts, nodeName, this.#cluster) ?? []) : [];
    if (held.length > 0) this.#held.set(facts.key, held);
    this.#table.placePod(pod, nodeName);
  }
  #remove(key: string): void {
    for (const reservation of this.#held.get(key) ?? []) reservation.release(false);
    this.#held.delete(key);
    this.#table.removePod(key);
  }
}

const waiting = new WeakMap<Pod, Pod>();

/** The Pod as if it had no node yet. */
function asWaiting(pod: Pod): Pod {
  if (!pod.spec.nodeName) return pod;
  let known = waiting.get(pod);
  if (!known) {
    const { nodeName: _, ...spec } = pod.spec;
    known = { ...pod, spec };
    waiting.set(pod, known);
  }
  return known;
}
