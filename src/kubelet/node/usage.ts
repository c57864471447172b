import { readFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../util/clock.ts";
import { isV2 } from "../cgroups.ts";
import { availableMemory } from "./machine.ts";

/** What some processes use together. */
export interface Usage {
  /** nanoseconds that processors have worked for them so far */
  cpu: number;
  /** bytes, files kept in memory included */
  memory: number;
  /** bytes that cannot be taken back without harm */
  workingSet: number;
}

/** The same, and how busy processors are with them at present: billionths of one. */
export interface UsageNow extends Usage {
  cpuRate: number;
}

/** All processes of this machine. */
export async function machineUsage(): Promise<Usage> {
  const cpu = cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) * 1e6, 0);
  const used = totalmem() - (await availableMemory());
  return { cpu, memory: used, workingSet: used };
}

/** The processes of a control group and those below it; undefined when there is no such group. */
export async function cgroupUsage(cgroup: string, mount = "/sys/fs/cgroup"): Promise<Usage | undefined> {
  try {
    return (await isV2(mount)) ? await usageV2(join(mount, cgroup)) : await usageV1(mount, cgroup);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}

const text = (path: string) => readFile(path, "utf8");

async function usageV1(mount: string, cgroup: string): Promise<Usage> {
  const memory = (file: string) => text(join(mount, "memory", cgroup, file));
  const [cpu, used, details] = await Promise.all([
    text(join(mount, "cpuacct", cgroup, "cpuacct.usage")),
    memory("memory.usage_in_bytes"),
    memory("memory.stat"),
  ]);
  return { cpu: Number(cpu), ...memoryOf(Number(used), fieldOf(details, "total_inactive_file")) };
}

async function usageV2(folder: string): Promise<Usage> {
  const files = ["cpu.stat", "memory.current", "memory.stat"].map((file) => text(join(folder, file)));
  const [cpu = "", used, details = ""] = await Promise.all(files);
  return { cpu: fieldOf(cpu, "usage_usec") * 1000, ...memoryOf(Number(used), fieldOf(details, "inactive_file")) };
}

/** Files that nobody has looked at lately make room for others. */
const memoryOf = (memory: number, idleFiles: number) => ({ memory, workingSet: Math.max(0, memory - idleFiles) });

export function fieldOf(table: string, name: string): number {
  const line = table.split("\n").find((it) => it.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

/** Bytes that a node's Pods can still get: of what it has, and of the machine that it may share. */
export async function memoryLeft(capacity: number, { workingSet }: Usage): Promise<number> {
  return Math.max(0, Math.min(capacity - workingSet, await availableMemory()));
}

/** A rate over less time than this (ms) says nothing. */
const SHORTEST = 1000;

/** Reads again and again what a node uses: its control group, or the machine when it has that to itself. */
export class NodeMeter {
  readonly #clock: Clock;
  readonly #cgroup: string | undefined;
  #before: { at: number; cpu: number } | undefined;
  #rate = 0;

  constructor(clock: Clock, cgroup: string | undefined) {
    this.#clock = clock;
    this.#cgroup = cgroup;
  }

  async read(): Promise<UsageNow> {
    const usage = (this.#cgroup && (await cgroupUsage(this.#cgroup))) || (await machineUsage());
    const now = { at: this.#clock.now(), cpu: usage.cpu };
    const span = this.#before && now.at - this.#before.at;
    if (this.#before && span !== undefined && span >= SHORTEST)
      this.#rate = Math.max(0, Math.round(((now.cpu - this.#before.cpu) / span) * 1000));
    if (span === undefined || span >= SHORTEST) this.#before = now;
    return { ...usage, cpuRate: this.#rate };
  }
}
