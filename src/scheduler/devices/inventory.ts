import { type Node, type NodeSelector, nodeSelectorTermMatches } from "../../api/core/v1/index.ts";
import type { CounterSet, Device, ResourceSlice } from "../../api/resource/v1/index.ts";

/** A device that some slice tells of. */
export interface PoolDevice {
  /** "driver/pool/device" */
  readonly key: string;
  readonly pool: Pool;
  readonly device: Device;
  readonly slice: ResourceSlice;
}

/** All of a driver's devices that share a name and a generation. */
export interface Pool {
  readonly driver: string;
  readonly name: string;
  readonly devices: readonly PoolDevice[];
  readonly counters: readonly CounterSet[];
  /** Some of its slices are not there yet. */
  readonly isIncomplete: boolean;
}

export const deviceKey = (driver: string, pool: string, device: string): string => `${driver}/${pool}/${device}`;

/** All devices there are, so kept that a node's question looks only at those it may use. */
export class Inventory {
  /** those that only one node has; each with its place among all */
  readonly #byNode = new Map<string, [number, PoolDevice][]>();
  readonly #others: [number, PoolDevice][] = [];

  constructor(slices: readonly ResourceSlice[]) {
    const all = poolsOf(slices).flatMap((pool) => pool.devices);
    for (const [place, device] of all.entries()) {
      const { nodeName } = reachOf(device);
      const known = nodeName ? this.#byNode.get(nodeName) : this.#others;
      if (known) known.push([place, device]);
      else this.#byNode.set(nodeName!, [[place, device]]);
    }
  }
  /** In the order of the pools. */
  usableFrom(node: Node): PoolDevice[] {
    const own = this.#byNode.get(node.metadata.name!) ?? [];
    const others = this.#others.filter(([, device]) => canReach(device, node));
    const all = others.length === 0 ? own : [...own, ...others].sort(([a], [b]) => a - b);
    return all.map(([, device]) => device);
  }
}

/** The pools that the slices make; of each pool, only the slices of the newest generation count. */
function poolsOf(slices: readonly ResourceSlice[]): Pool[] {
  const groups = Map.groupBy(slices, ({ spec }) => `${spec.driver}/${spec.pool.name}`);
  return [...groups.values()].map((all) => {
    const newest = Math.max(...all.map(({ spec }) => spec.pool.generation));
    return poolOf(all.filter(({ spec }) => spec.pool.generation === newest).sort(byName));
  });
}

const byName = (a: ResourceSlice, b: ResourceSlice) => (a.metadata.name! < b.metadata.name! ? -1 : 1);

function poolOf(slices: readonly ResourceSlice[]): Pool {
  const { driver, pool } = slices[0]!.spec;
  const devices: PoolDevice[] = [];
  const it: Pool = {
    driver,
    name: pool.name,
    devices,
    counters: slices.flatMap(({ spec }) => spec.sharedCounters ?? []),
    isIncomplete: slices.length < pool.resourceSliceCount,
  };
  for (const slice of slices) {
    for (const device of slice.spec.devices ?? []) {
      devices.push({ key: deviceKey(driver, pool.name, device.name), pool: it, device, slice });
    }
  }
  return it;
}

/** From which nodes a device can be used: one by name, those that a selector picks, or all. */
interface Reach {
  readonly nodeName?: string | undefined;
  readonly nodeSelector?: NodeSelector | undefined;
  readonly allNodes?: boolean | undefined;
}

export const reachOf = ({ device, slice: { spec } }: PoolDevice): Reach =>
  spec.perDeviceNodeSelection ? device : spec;

/** Of a device that no node has for itself. */
function canReach(device: PoolDevice, node: Node): boolean {
  const { nodeSelector, allNodes } = reachOf(device);
  if (allNodes) return true;
  return nodeSelector?.nodeSelectorTerms.some((term) => nodeSelectorTermMatches(term, node)) ?? false;
}
