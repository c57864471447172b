import { cpus, totalmem } from "node:os";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import { ClusterError } from "../errors.ts";
import type { NodeCapacity } from "../layout.ts";

/** What one host has to share: thousandths of a processor, bytes. */
interface Host {
  cpu: number;
  memory: number;
}

/** Less, and the node could not keep free what it must (bytes). */
const LEAST_MEMORY = 256 * 1024 * 1024;

/** Checks what a node is to have of this host; undefined when nothing was said. */
export function capacityFor(wanted: NodeCapacity, host: Host = thisHost()): NodeCapacity | undefined {
  const { cpu, memory } = wanted;
  if (cpu === undefined && memory === undefined) return undefined;
  if (cpu !== undefined) {
    const milli = amount("--node-cpu", cpu, "2 or 500m") * 1000;
    if (milli < 1) throw new ClusterError("--node-cpu: a node needs some processor time");
    if (milli > host.cpu) throw tooMuch("--node-cpu", cpu, `${host.cpu / 1000} processors`);
  }
  if (memory !== undefined) {
    const bytes = amount("--node-memory", memory, "2Gi");
    if (bytes < LEAST_MEMORY) throw new ClusterError(`--node-memory ${memory}: a node needs at least 256Mi`);
    if (bytes > host.memory) throw tooMuch("--node-memory", memory, `${Math.floor(host.memory / 1024 ** 2)}Mi`);
  }
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}

const thisHost = (): Host => ({ cpu: cpus().length * 1000, memory: totalmem() });

function amount(option: string, text: string, example: string): number {
  try {
    return parseQuantity(text).toNumber();
  } catch {
    throw new ClusterError(`${option}: "${text}" is no amount; one looks like ${example}`);
  }
}

const tooMuch = (option: string, text: string, there: string) =>
  new ClusterError(`${option} ${text}: this host has ${there}`, {
    hint: "nodes that only pretend (cox up --simulated-nodes) may have more",
  });
