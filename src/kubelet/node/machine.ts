import { readFile, statfs } from "node:fs/promises";
import { arch, cpus, hostname, networkInterfaces, release, totalmem } from "node:os";

/** Facts of this machine that do not change while it runs. */
export interface Machine {
  hostname: string;
  /** may be a fraction where the machine is shared */
  cpus: number;
  /** bytes */
  memory: number;
  architecture: string;
  kernelVersion: string;
  osImage: string;
  machineID: string;
  systemUUID: string;
  bootID: string;
  mtu: number;
}

const text = (path: string) =>
  readFile(path, "utf8").then(
    (it) => it.trim(),
    () => "",
  );

export async function readMachine(): Promise<Machine> {
  const [osRelease, machineID, productUuid, bootID, mtu] = await Promise.all([
    text("/etc/os-release"),
    text("/etc/machine-id"),
    text("/sys/class/dmi/id/product_uuid"),
    text("/proc/sys/kernel/random/boot_id"),
    defaultMtu(),
  ]);
  return {
    hostname: hostname(),
    cpus: cpus().length,
    memory: totalmem(),
    architecture: goArchitecture(arch()),
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? "Linux",
    machineID,
    systemUUID: productUuid || machineID,
    bootID,
    mtu,
  };
}

/** What a node has of a machine that it shares with others. */
export interface Capacity {
  cpus?: number;
  /** bytes */
  memory?: number;
}

/** The machine as its node is to see it. */
export function withCapacity(machine: Machine, { cpus, memory }: Capacity): Machine {
  return { ...machine, cpus: cpus ?? machine.cpus, memory: memory ?? machine.memory };
}

export const goArchitecture = (name: string) => ({ x64: "amd64", ia32: "386" })[name] ?? name;

/** The largest packet that leaves by the default route; pods' links must not promise more. */
async function defaultMtu(): Promise<number> {
  const routes = await text("/proc/net/route");
  const line = routes.split("\n").find((it) => it.split(/\s+/)[1] === "00000000");
  const device = line?.split(/\s+/)[0] ?? Object.keys(networkInterfaces()).find((it) => it !== "lo");
  const mtu = device ? Number(await text(`/sys/class/net/${device}/mtu`)) : 0;
  return mtu || 1500;
}

export interface DiskUsage {
  capacity: number;
  available: number;
  inodes: number;
  inodesFree: number;
}

export async function diskUsage(path: string): Promise<DiskUsage> {
  const it = await statfs(path);
  return { capacity: it.blocks * it.bsize, available: it.bavail * it.bsize, inodes: it.files, inodesFree: it.ffree };
}

/** Bytes of memory that could be given to processes now. */
export async function availableMemory(): Promise<number> {
  const kilobytes = /^MemAvailable:\s+(\d+)/m.exec(await text("/proc/meminfo"))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

export async function processLimits(): Promise<{ max: number; used: number }> {
  const [max, loadavg] = await Promise.all([text("/proc/sys/kernel/pid_max"), text("/proc/loadavg")]);
  return { max: Number(max), used: Number(/\/(\d+) /.exec(loadavg)?.[1] ?? 0) };
}
