import { formatIPv4 } from "./addresses.ts";
import type { SimulatedNode } from "./nodeObject.ts";

export interface FleetOptions {
  count: number;
  /** before the number of each node */
  prefix: string;
  capacity?: Record<string, string>;
  labels?: Record<string, string>;
  /** Nodes are spread over so many zones; 0: they have none. */
  zones?: number;
}

/** Blocks of 100.64.0.0/10, which no real node and no Service has: room for 16,384 nodes. */
const FIRST_BLOCK = 100 * 2 ** 24 + 64 * 2 ** 16;
const BLOCK = 256;
export const LARGEST_FLEET = 2 ** 22 / BLOCK;

/** Many like nodes: `<prefix>-1`, `<prefix>-2`, …, each with Pod addresses of its own. */
export function fleet({ count, prefix, capacity, labels, zones = 0 }: FleetOptions): SimulatedNode[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `${prefix}-${i + 1}`,
    capacity,
    labels: {
      ...labels,
      "simulation.coxswain.dev/node": "true",
      ...(zones > 0 ? { "topology.kubernetes.io/zone": `zone-${(i % zones) + 1}` } : {}),
    },
    podCIDR: `${formatIPv4(FIRST_BLOCK + i * BLOCK)}/24`,
  }));
}
