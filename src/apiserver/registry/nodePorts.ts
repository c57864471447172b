import { Service } from "../../api/core/v1/index.ts";
import { type Entry, KeyExistsError, RevisionMismatchError } from "../../store/backend.ts";
import type { Random } from "../../util/random.ts";
import { ROOT } from "../cache/watchCache.ts";
import { candidates } from "./candidates.ts";
import type { Registry } from "./registry.ts";
import type { Holder } from "./serviceAddresses.ts";

/** No resource of the API: one key for each port that is taken, which only one can create. */
export const PORTS_PREFIX = `${ROOT}ranges/servicenodeports/`;

/** What is stored for a port. */
export interface TakenPort extends Holder {
  readonly port: number;
  /** ms since the epoch */
  readonly at: number;
}

export const readTakenPort = ({ key, value }: Entry): TakenPort => ({
  ...(JSON.parse(Buffer.from(value).toString()) as Holder & { at: number }),
  port: Number(key.slice(PORTS_PREFIX.length)),
});

/** The ports of the nodes that lead to Services. */
export class NodePorts {
  readonly from: number;
  readonly to: number;
  readonly #random: Random;

  constructor({ from, to }: { from: number; to: number }, random: Random) {
    this.from = from;
    this.to = to;
    this.#random = random;
  }
  includes(port: number): boolean {
    return port >= this.from && port <= this.to;
  }
  /** Any port that nobody has; undefined when there is none left. Dry: it is not taken. */
  async takeAny(registry: Registry, holder: Holder, dryRun: boolean): Promise<number | undefined> {
    const size = this.to - this.from + 1;
    const held = heldPorts(registry);
    for (const offset of candidates(size, Math.min(Math.max(16, Math.floor(size / 32)), 128), this.#random)) {
      const port = this.from + offset;
      if (held.has(port)) continue;
      if (dryRun || (await this.take(registry, port, holder))) return port;
    }
    return undefined;
  }
  /** False when someone has it. */
  async take(registry: Registry, port: number, { namespace, name }: Holder): Promise<boolean> {
    const value = Buffer.from(JSON.stringify({ namespace, name, at: registry.clock.now() }));
    try {
      await registry.cache.backend.create(`${PORTS_PREFIX}${port}`, value);
      return true;
    } catch (error) {
      if (error instanceof KeyExistsError) return false;
      throw error;
    }
  }
  async isFree(registry: Registry, port: number): Promise<boolean> {
    return (await registry.cache.backend.get(`${PORTS_PREFIX}${port}`)) === undefined;
  }
  /** Frees a port that this holder has. */
  async free(registry: Registry, port: number, holder: Holder): Promise<void> {
    const { backend } = registry.cache;
    const entry = await backend.get(`${PORTS_PREFIX}${port}`);
    if (!entry) return;
    const taken = readTakenPort(entry);
    if (taken.name !== holder.name || taken.namespace !== holder.namespace) return;
    try {
      await backend.delete(entry.key, entry.revision);
    } catch (error) {
      if (!(error instanceof RevisionMismatchError)) throw error; // another server has freed it
    }
  }
}

/** The ports that stored Services have: not to be tried. What is just being taken, the store knows. */
function heldPorts(registry: Registry): Set<number> {
  const ports = new Set<number>();
  for (const { object } of registry.cache.of(Service as never).current.values()) {
    for (const port of portsOf(object as Service)) ports.add(port);
  }
  return ports;
}

export function portsOf({ spec }: Service): Set<number> {
  const ports = new Set<number>();
  for (const { nodePort } of spec.ports ?? []) if (nodePort) ports.add(nodePort);
  if (spec.healthCheckNodePort) ports.add(spec.healthCheckNodePort);
  return ports;
}
