import type { Node, Pod, Taint } from "../api/core/v1/index.ts";
import { type CountedPods, type PodCounter, PodCounters } from "./podCounts.ts";
import { factsOf, type HostPort, type PodFacts } from "./podFacts.ts";
import { PodsByLabel } from "./podsByLabel.ts";
import { amount } from "./requests.ts";
import { grownFloat64 } from "./slotArray.ts";
import { TermCounts } from "./termCounts.ts";
import { TopologyColumn } from "./topology.ts";

/** One resource of all nodes: what may be given, and what is. */
export interface ResourceColumn {
  allocatable: Float64Array<ArrayBuffer>;
  requested: Float64Array<ArrayBuffer>;
}

/** A Pod on a node. */
export interface PlacedPod {
  readonly nodeName: string;
  readonly facts: PodFacts;
}

/** A Pod as it is on its node, also while its binding is still to be seen. */
export function asBound({ nodeName, facts: { pod } }: PlacedPod): Pod {
  return pod.spec.nodeName ? pod : { ...pod, spec: { ...pod.spec, nodeName } };
}

/** What a node says that many Pods ask, read once. */
interface NodeFacts {
  readonly name: string;
  readonly isUnschedulable: boolean;
  readonly hardTaints: readonly Taint[];
  readonly softTaints: readonly Taint[];
  /** size by name of the images that it has */
  readonly images: ReadonlyMap<string, number>;
}

const NO_TAINTS: readonly Taint[] = [];
const NO_IMAGES: ReadonlyMap<string, number> = new Map();
const NO_PODS: ReadonlyMap<string, PlacedPod> = new Map();
const FIRST = 64;

/**
 * All nodes and what their Pods take, as columns of numbers indexed by slot. A slot is reused after its node is gone.
 * Pods may be placed on a node that is not known yet; they count as soon as it is.
 */
export class NodeTable {
  readonly #slots = new Map<string, number>();
  readonly #nodes: (Node | undefined)[] = [];
  readonly #facts: NodeFacts[] = [];
  readonly #free: number[] = [];
  readonly #columns = new Map<string, ResourceColumn>();
  readonly #placed = new Map<string, PlacedPod>();
  readonly #podsOf = new Map<string, Map<string, PlacedPod>>();
  readonly #hostPorts: Map<string, number>[] = [];
  readonly #claimUsers = new Map<string, number>();
  readonly #topologies = new Map<string, TopologyColumn>();
  readonly #counters = new PodCounters();
  readonly #byLabel = new PodsByLabel<PlacedPod>();
  readonly #imageNodes = new Map<string, number>();
  #capacity = FIRST;
  #softTainted = 0;
  #hardTainted = 0;
  #unschedulable = 0;
  readonly terms = new TermCounts();
  /** goes up with each change of a node's row */
  rowVersions = new Uint32Array(FIRST);
  scoredCpu = new Float64Array(FIRST);
  scoredMemory = new Float64Array(FIRST);

  /** How many slots are in use or were; `node(slot)` is undefined for those that were. */
  get slots(): number {
    return this.#nodes.length;
  }
  get size(): number {
    return this.#slots.size;
  }
  node(slot: number): Node | undefined {
    return this.#nodes[slot];
  }
  nameOf(slot: number): string {
    return this.#facts[slot]!.name;
  }
  slotOf(name: string): number | undefined {
    return this.#slots.get(name);
  }
  column(resource: string): ResourceColumn | undefined {
    return this.#columns.get(resource);
  }
  isUnschedulable(slot: number): boolean {
    return this.#facts[slot]!.isUnschedulable;
  }
  hardTaints(slot: number): readonly Taint[] {
    return this.#facts[slot]!.hardTaints;
  }
  softTaints(slot: number): readonly Taint[] {
    return this.#facts[slot]!.softTaints;
  }
  /** Whether any node has a taint that keeps Pods away. */
  get hasHardTaints(): boolean {
    return this.#hardTainted > 0;
  }
  get hasUnschedulable(): boolean {
    return this.#unschedulable > 0;
  }
  /** Whether any node has a taint that only asks Pods to go elsewhere. */
  get hasSoftTaints(): boolean {
    return this.#softTainted > 0;
  }
  images(slot: number): ReadonlyMap<string, number> {
    return this.#facts[slot]!.images;
  }
  /** On how many nodes an image is. */
  imageNodes(image: string): number {
    return this.#imageNodes.get(image) ?? 0;
  }
  placed(key: string): PlacedPod | undefined {
    return this.#placed.get(key);
  }
  podsOn(nodeName: string): ReadonlyMap<string, PlacedPod> {
    return this.#podsOf.get(nodeName) ?? NO_PODS;
  }
  /** How many Pods, on whichever node, use a claim ("namespace/name"). */
  claimUsers(claim: string): number {
    return this.#claimUsers.get(claim) ?? 0;
  }

  /** The values of a node label by slot. */
  topology(key: string): TopologyColumn {
    let column = this.#topologies.get(key);
    if (!column) {
      column = new TopologyColumn(key);
      this.#topologies.set(key, column);
      for (let slot = 0; slot < this.#nodes.length; slot++) column.set(slot, this.#nodes[slot]);
    }
    return column;
  }

  /** How many such Pods are on each node. */
  counter(wanted: CountedPods): PodCounter {
    return this.#counters.get(wanted, (counter) => {
      const { pair } = counter;
      for (const { nodeName, facts } of pair === undefined ? this.#placed.values() : this.#byLabel.with(pair)) {
        const slot = this.#slots.get(nodeName);
        if (slot !== undefined && counter.matches(facts)) counter.counts.add(slot, 1);
      }
    });
  }

  setNode(node: Node): void {
    const name = node.metadata.name!;
    const known = this.#slots.get(name);
    const slot = known ?? this.#free.pop() ?? this.#nodes.length;
    if (known !== undefined) this.#uncountNode(slot);
    this.#slots.set(name, slot);
    this.#nodes[slot] = node;
    this.#facts[slot] = this.#countNode(node);
    if (known === undefined) this.#occupy(slot, name);
    for (const topology of this.#topologies.values()) topology.set(slot, node);
    for (const column of this.#columns.values()) column.allocatable[slot] = 0;
    for (const [resource, quantity] of Object.entries(node.status.allocatable ?? node.status.capacity ?? {})) {
      this.#column(resource).allocatable[slot] = amount(resource, quantity);
    }
    this.rowVersions[slot]!++;
  }

  removeNode(name: string): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    this.#uncountNode(slot);
    this.#slots.delete(name);
    this.#nodes[slot] = undefined;
    this.#free.push(slot);
    for (const topology of this.#topologies.values()) topology.set(slot, undefined);
    this.#counters.clear(slot);
    this.terms.clear(slot);
    for (const column of this.#columns.values()) {
      column.allocatable[slot] = 0;
      column.requested[slot] = 0;
    }
    this.scoredCpu[slot] = 0;
    this.scoredMemory[slot] = 0;
    this.rowVersions[slot]!++;
  }

  /** Counts a Pod on a node; placing it again moves it. */
  placePod(pod: Pod, nodeName: string): void {
    const facts = factsOf(pod);
    this.removePod(facts.key);
    const placed = { nodeName, facts };
    this.#placed.set(facts.key, placed);
    this.#byLabel.add(placed);
    const pods = this.#podsOf.get(nodeName);
    if (pods) pods.set(facts.key, placed);
    else this.#podsOf.set(nodeName, new Map([[facts.key, placed]]));
    this.#countClaims(facts, 1);
    const slot = this.#slots.get(nodeName);
    if (slot !== undefined) this.#count(slot, facts, 1);
  }

  removePod(key: string): PlacedPod | undefined {
    const placed = this.#placed.get(key);
    if (!placed) return undefined;
    this.#placed.delete(key);
    this.#byLabel.remove(placed);
    const pods = this.#podsOf.get(placed.nodeName);
    pods?.delete(key);
    if (pods?.size === 0) this.#podsOf.delete(placed.nodeName);
    this.#countClaims(placed.facts, -1);
    const slot = this.#slots.get(placed.nodeName);
    if (slot !== undefined) this.#count(slot, placed.facts, -1);
    return placed;
  }

  /** Whether a Pod on this node already uses the port on the same or on every address. */
  portTaken(slot: number, wanted: HostPort): boolean {
    const ports = this.#hostPorts[slot]!;
    if (ports.size === 0) return false;
    const at = (ip: string) => ports.has(portKey({ ...wanted, ip }));
    if (wanted.ip !== "0.0.0.0") return at("0.0.0.0") || at(wanted.ip);
    const ending = `|${wanted.protocol}|${wanted.port}`;
    return [...ports.keys()].some((key) => key.endsWith(ending));
  }

  #occupy(slot: number, name: string): void {
    this.#reserve(slot + 1);
    this.#hostPorts[slot] = new Map();
    for (const { facts } of this.podsOn(name).values()) this.#count(slot, facts, 1);
  }

  #count(slot: number, facts: PodFacts, sign: 1 | -1): void {
    for (const [resource, value] of facts.requests) this.#column(resource).requested[slot]! += sign * value;
    this.#column("pods").requested[slot]! += sign;
    this.scoredCpu[slot]! += sign * facts.scoredCpu;
    this.scoredMemory[slot]! += sign * facts.scoredMemory;
    if (facts.hostPorts.length > 0) this.#countPorts(slot, facts.hostPorts, sign);
    if (facts.terms) this.terms.add(slot, facts, sign);
    this.#counters.add(slot, facts, sign);
    this.rowVersions[slot]!++;
  }

  #countPorts(slot: number, wanted: readonly HostPort[], sign: 1 | -1): void {
    const ports = this.#hostPorts[slot]!;
    for (const port of wanted) count(ports, portKey(port), sign);
  }

  #countClaims({ claims }: PodFacts, sign: 1 | -1): void {
    for (const claim of claims) count(this.#claimUsers, claim, sign);
  }

  #countNode({ metadata, spec, status }: Node): NodeFacts {
    const taints = spec.taints ?? [];
    const softTaints = taints.filter(({ effect }) => effect === "PreferNoSchedule");
    const hardTaints = taints.filter(({ effect }) => effect === "NoSchedule" || effect === "NoExecute");
    if (softTaints.length > 0) this.#softTainted++;
    if (hardTaints.length > 0) this.#hardTainted++;
    if (spec.unschedulable) this.#unschedulable++;
    const images = imagesOf(status.images ?? []);
    for (const name of images.keys()) count(this.#imageNodes, name, 1);
    return {
      name: metadata.name ?? "",
      isUnschedulable: spec.unschedulable ?? false,
      softTaints: softTaints.length > 0 ? softTaints : NO_TAINTS,
      hardTaints: hardTaints.length > 0 ? hardTaints : NO_TAINTS,
      images,
    };
  }

  #uncountNode(slot: number): void {
    const { softTaints, hardTaints, isUnschedulable, images } = this.#facts[slot]!;
    if (softTaints.length > 0) this.#softTainted--;
    if (hardTaints.length > 0) this.#hardTainted--;
    if (isUnschedulable) this.#unschedulable--;
    for (const name of images.keys()) count(this.#imageNodes, name, -1);
  }

  #column(resource: string): ResourceColumn {
    let column = this.#columns.get(resource);
    if (!column) {
      column = { allocatable: new Float64Array(this.#capacity), requested: new Float64Array(this.#capacity) };
      this.#columns.set(resource, column);
    }
    return column;
  }

  #reserve(slots: number): void {
    if (slots <= this.#capacity) return;
    for (const column of this.#columns.values()) {
      column.allocatable = grownFloat64(column.allocatable, slots);
      column.requested = grownFloat64(column.requested, slots);
    }
    this.scoredCpu = grownFloat64(this.scoredCpu, slots);
    this.scoredMemory = grownFloat64(this.scoredMemory, slots);
    const versions = this.rowVersions;
    this.rowVersions = new Uint32Array(this.scoredMemory.length);
    this.rowVersions.set(versions);
    this.#capacity = this.scoredCpu.length;
  }
}

function count(counts: Map<string, number>, key: string, by: number): void {
  const value = (counts.get(key) ?? 0) + by;
  if (value > 0) counts.set(key, value);
  else counts.delete(key);
}

function imagesOf(images: readonly { names?: readonly string[]; sizeBytes?: number }[]): ReadonlyMap<string, number> {
  if (images.length === 0) return NO_IMAGES;
  return new Map(
    images.flatMap(({ names, sizeBytes }) => (names ?? []).map((name) => [name, sizeBytes ?? 0] as const)),
  );
}

function portKey(port: HostPort): string {
  return `${port.ip}|${port.protocol}|${port.port}`;
}
