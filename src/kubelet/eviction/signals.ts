import { parseQuantity } from "../../apimachinery/quantity.ts";

/** What may run short, by kubelet's names. */
export const SIGNALS = [
  "memory.available",
  "nodefs.available",
  "nodefs.inodesFree",
  "imagefs.available",
  "imagefs.inodesFree",
  "pid.available",
] as const;
export type Signal = (typeof SIGNALS)[number];

/** In bytes, inodes or processes. */
export interface Observation {
  available: number;
  capacity: number;
}
export type Observations = Partial<Record<Signal, Observation>>;

export interface Threshold {
  signal: Signal;
  /** "100Mi" or "5%", as it was given */
  quantity: string;
}

/** Below 5 % of the disk little can be done any more; a laptop with 10 % left works as well as ever. */
export const DEFAULT_THRESHOLDS =
  "memory.available<100Mi,nodefs.available<5%,nodefs.inodesFree<5%,imagefs.available<5%,imagefs.inodesFree<5%,pid.available<10%";

/** Reads what `--eviction-hard` takes: signal<quantity,…; an empty text means none. Throws with what is wrong. */
export function parseThresholds(text: string): Threshold[] {
  const parts = text.split(",").filter((part) => part.trim() !== "");
  return parts.map((part) => {
    const [name = "", quantity = "", ...more] = part.split("<").map((it) => it.trim());
    if (!(SIGNALS as readonly string[]).includes(name)) {
      throw new Error(`"${part}" names no signal; signals are ${SIGNALS.join(", ")}`);
    }
    if (more.length > 0 || !isAmount(quantity)) throw new Error(`"${part}" is not ${name}<amount or ${name}<percent%`);
    return { signal: name as Signal, quantity };
  });
}

function isAmount(text: string): boolean {
  if (text.endsWith("%")) return /^\d+(\.\d+)?%$/.test(text) && Number(text.slice(0, -1)) <= 100;
  try {
    return parseQuantity(text).toNumber() >= 0;
  } catch {
    return false; // not a quantity
  }
}

/** How much must be left of something of this capacity. */
export function leastOf(quantity: string, capacity: number): number {
  if (quantity.endsWith("%")) return (Number(quantity.slice(0, -1)) / 100) * capacity;
  return parseQuantity(quantity).toNumber();
}

/** The thresholds that are crossed. */
export function crossed(thresholds: readonly Threshold[], seen: Observations): Threshold[] {
  return thresholds.filter(({ signal, quantity }) => {
    const it = seen[signal];
    return it !== undefined && it.available < leastOf(quantity, it.capacity);
  });
}

export type Pressure = "MemoryPressure" | "DiskPressure" | "PIDPressure";

export function pressureOf(signal: Signal): Pressure {
  if (signal === "memory.available") return "MemoryPressure";
  return signal === "pid.available" ? "PIDPressure" : "DiskPressure";
}

/** What runs short, as messages name it. */
export function resourceOf(signal: Signal): "memory" | "ephemeral-storage" | "inodes" | "pids" {
  if (signal === "memory.available") return "memory";
  if (signal === "pid.available") return "pids";
  return signal.endsWith("inodesFree") ? "inodes" : "ephemeral-storage";
}

/** Memory first: it kills within moments what a full disk only stops. */
export function mostUrgent(thresholds: readonly Threshold[]): Threshold | undefined {
  return thresholds.toSorted((a, b) => SIGNALS.indexOf(a.signal) - SIGNALS.indexOf(b.signal))[0];
}
