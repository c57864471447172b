import type { Node, Pod } from "../api/core/v1/index.ts";
import { amount, type HostPort, type PodDemand } from "./podDemand.ts";

/** One resource of all nodes: what may be given, and what is. */
export interface ResourceColumn {
  allocatable: Float64Array;
  requested: Float64Array;
}

interface PlacedPod {
  readonly nodeName: string;
  readonly demand: PodDemand;
  readonly owner: string | undefined;
}

/**
 * All nodes and what their Pods take, as columns of numbers indexed by slot. A slot is reused after its node is gone.
 * Pods may be placed on a node that is not known yet; they count as soon as it is.
 */
export class NodeTable {
  readonly #slots = new Map<string, number>();
  readonly #nodes: (Node | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #columns = new Map<string, ResourceColumn>();
  readonly #placed = new Map<string, PlacedPod>();
  readonly #podsOf = new Map<string, Map<string, PlacedPod>>();
  readonly #hostPorts: Map<string, number>[] = [];
  readonly #owners = new Map<string, Map<string, number>>();
  #capacity = 64;
  scoredCpu = new Float64Array(64);
  scoredMemory = new Float64Array(64);

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
  slotOf(name: string): number | undefined {
    return this.#slots.get(name);
  }
  column(resource: string): ResourceColumn | undefined {
    return this.#columns.get(resource);
  }
  /** How many Pods of this owner run on the node. */
  ownedOn(owner: string, nodeName: string): number {
    return this.#owners.get(owner)?.get(nodeName) ?? 0;
  }

  setNode(node: Node): void {
    const name = node.metadata.name!;
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = this.#free.pop() ?? this.#nodes.length;
      this.#slots.set(name, slot);
      this.#nodes[slot] = node;
      this.#reserve(slot + 1);
      this.#hostPorts[slot] = new Map();
      for (const pod of this.#podsOf.get(name)?.values() ?? []) this.#count(slot, pod.demand, 1);
    }
    this.#nodes[slot] = node;
    for (const column of this.#columns.values()) column.allocatable[slot] = 0;
    for (const [resource, quantity] of Object.entries(node.status.allocatable ?? node.status.capacity ?? {})) {
      this.#column(resource).allocatable[slot] = amount(resource, quantity);
    }
  }

  removeNode(name: string): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    this.#slots.delete(name);
    this.#nodes[slot] = undefined;
    this.#free.push(slot);
    for (const column of this.#columns.values()) {
      column.allocatable[slot] = 0;
      column.requested[slot] = 0;
    }
    this.scoredCpu[slot] = 0;
    this.scoredMemory[slot] = 0;
  }

  /** Counts a Pod on a node; placing it again moves it. */
  placePod(key: string, nodeName: string, demand: PodDemand, owner?: string): void {
    this.removePod(key);
    const placed = { nodeName, demand, owner };
    this.#placed.set(key, placed);
    const pods = this.#podsOf.get(nodeName) ?? new Map<string, PlacedPod>();
    this.#podsOf.set(nodeName, pods.set(key, placed));
    if (owner) this.#countOwner(owner, nodeName, 1);
    const slot = this.#slots.get(nodeName);
    if (slot !== undefined) this.#count(slot, demand, 1);
  }

  removePod(key: string): void {
    const placed = this.#placed.get(key);
    if (!placed) return;
    this.#placed.delete(key);
    const pods = this.#podsOf.get(placed.nodeName);
    pods?.delete(key);
    if (pods?.size === 0) this.#podsOf.delete(placed.nodeName);
    if (placed.owner) this.#countOwner(placed.owner, placed.nodeName, -1);
    const slot = this.#slots.get(placed.nodeName);
    if (slot !== undefined) this.#count(slot, placed.demand, -1);
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

  #count(slot: number, demand: PodDemand, sign: 1 | -1): void {
    for (const [resource, value] of demand.requests) this.#column(resource).requested[slot]! += sign * value;
    this.#column("pods").requested[slot]! += sign;
    this.scoredCpu[slot]! += sign * demand.scoredCpu;
    this.scoredMemory[slot]! += sign * demand.scoredMemory;
    const ports = this.#hostPorts[slot]!;
    for (const port of demand.hostPorts) {
      const count = (ports.get(portKey(port)) ?? 0) + sign;
      if (count > 0) ports.set(portKey(port), count);
      else ports.delete(portKey(port));
    }
  }

  #countOwner(owner: string, nodeName: string, sign: 1 | -1): void {
    const nodes = this.#owners.get(owner) ?? new Map<string, number>();
    const count = (nodes.get(nodeName) ?? 0) + sign;
    if (count > 0) nodes.set(nodeName, count);
    else nodes.delete(nodeName);
    if (nodes.size > 0) this.#owners.set(owner, nodes);
    else this.#owners.delete(owner);
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
    this.#capacity = Math.max(slots, this.#capacity * 2);
    const grown = (old: Float64Array) => {
      const array = new Float64Array(this.#capacity);
      array.set(old);
      return array;
    };
    for (const column of this.#columns.values()) {
      column.allocatable = grown(column.allocatable);
      column.requested = grown(column.requested);
    }
    this.scoredCpu = grown(this.scoredCpu);
    this.scoredMemory = grown(this.scoredMemory);
  }
}

function portKey(port: HostPort): string {
  return `${port.ip}|${port.protocol}|${port.port}`;
}

/** The UID of the controller that made this Pod, by which replicas are spread. */
export function ownerOf(pod: Pod): string | undefined {
  return pod.metadata.ownerReferences?.find((reference) => reference.controller)?.uid;
}
