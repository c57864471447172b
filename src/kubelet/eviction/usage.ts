import { join } from "node:path";
import type { Pod } from "../../api/core/v1/index.ts";
import type { ContainerStats, CriClient } from "../../cri/index.ts";
import { diskUsage, processLimits } from "../node/machine.ts";
import { podLogDirectory } from "../pod/names.ts";
import { LABEL } from "../pod/runtimePod.ts";
import { treeUsage } from "../volumes/usage.ts";
import type { Observations } from "./signals.ts";

/** In bytes, by container or by volume. */
export interface PodUsage {
  memory: ReadonlyMap<string, number>;
  /** the container's own files and its logs */
  disk: ReadonlyMap<string, number>;
  /** emptyDir volumes on disk */
  volumes: ReadonlyMap<string, number>;
}

/** What is left of this node. The images' file system is watched where the runtime says it is. */
export async function observe(
  cri: CriClient,
  root: string,
  { memory, available: left }: { memory: number; available(): Promise<number> },
): Promise<Observations> {
  const [disk, available, processes] = await Promise.all([diskUsage(root), left(), processLimits()]);
  const images = await imagesFolder(cri);
  const imageDisk = images ? await diskUsage(images).catch(() => undefined) : undefined; // not there yet
  const fs = (name: "nodefs" | "imagefs", it: typeof disk) => ({
    [`${name}.available`]: { available: it.available, capacity: it.capacity },
    ...(it.inodes > 0 ? { [`${name}.inodesFree`]: { available: it.inodesFree, capacity: it.inodes } } : {}),
  });
  return {
    "memory.available": { available, capacity: memory },
    "pid.available": { available: processes.max - processes.used, capacity: processes.max },
    ...fs("nodefs", disk),
    ...(imageDisk ? fs("imagefs", imageDisk) : {}),
  };
}

/** A runtime that does not answer must not hide that memory runs short. */
async function imagesFolder(cri: CriClient): Promise<string | undefined> {
  const info = await cri.imageFsInfo().catch(() => undefined);
  return info?.imageFilesystems[0]?.fsId?.mountpoint;
}

export interface UsageOptions {
  cri: CriClient;
  podLogsDirectory: string;
  /** where a volume of a Pod lies */
  source(pod: Pod, volume: NonNullable<Pod["spec"]["volumes"]>[number]): string;
}

/** What each Pod uses. The files of each are counted: ask only when it matters. */
export async function usageOf(pods: readonly Pod[], options: UsageOptions): Promise<Map<string, PodUsage>> {
  const stats = Map.groupBy(await options.cri.listContainerStats(), (it) => it.attributes?.labels?.[LABEL.podUid]);
  const usages = pods.map(async (pod) => {
    const uid = pod.metadata.uid!;
    return [uid, await podUsage(pod, stats.get(uid) ?? [], options)] as const;
  });
  return new Map(await Promise.all(usages));
}

async function podUsage(pod: Pod, stats: readonly ContainerStats[], options: UsageOptions): Promise<PodUsage> {
  const logs = podLogDirectory(options.podLogsDirectory, pod);
  const nameOf = (it: ContainerStats) => it.attributes?.labels?.[LABEL.containerName] ?? "";
  const disk = stats.map(
    async (it) => [nameOf(it), (it.writableLayer?.usedBytes ?? 0) + (await sizeOf(join(logs, nameOf(it))))] as const,
  );
  const volumes = (pod.spec.volumes ?? [])
    .filter(({ emptyDir }) => emptyDir && emptyDir.medium !== "Memory")
    .map(async (volume) => [volume.name, await sizeOf(options.source(pod, volume))] as const);
  return {
    memory: new Map(stats.map((it) => [nameOf(it), it.memory?.workingSetBytes ?? 0])),
    disk: new Map(await Promise.all(disk)),
    volumes: new Map(await Promise.all(volumes)),
  };
}

/** Bytes. */
export const sizeOf = async (path: string): Promise<number> => (await treeUsage(path)).bytes;
