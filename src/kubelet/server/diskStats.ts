import { join } from "node:path";
import type { Pod } from "../../api/core/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { ContainerStats, CriClient, FilesystemUsage } from "../../cri/index.ts";
import { podLogDirectory } from "../pod/names.ts";
import { allContainers } from "../pod/spec.ts";
import { fileSystemUsage, type TreeUsage, treeUsage } from "../volumes/usage.ts";
import { isOnNodeDisk, type VolumeStats } from "../volumes/volumeMeter.ts";
import type { ServerContext } from "./server.ts";

/** What a Pod has on disk besides the files of its containers. */
interface PodStorage {
  volumes: readonly VolumeStats[];
  logs: ReadonlyMap<string, TreeUsage>;
  /** of logs and of volumes that are on the node's own disk */
  bytes: number;
  inodes: number;
}
const NOTHING: PodStorage = { volumes: [], logs: new Map(), bytes: 0, inodes: 0 };

/** The part of the kubelet's summary that is about disks. */
export type DiskStats = Awaited<ReturnType<typeof readDisks>>;

export async function readDisks(context: ServerContext, time: string) {
  const { options, node, workers } = context;
  const pods = workers.goingOn();
  const [volumes, files, runtime] = await Promise.all([
    node.volumeMeter.read(pods),
    fileSystemUsage(options.rootDirectory),
    imageFileSystems(node.cri),
  ]);
  const fs = { time, ...files };
  const used = ({ bytes, inodes }: TreeUsage) => ({ ...fs, usedBytes: bytes, inodesUsed: inodes });
  const reading = pods.map(async (pod) => {
    const uid = pod.metadata.uid!;
    return [uid, await podStorage(pod, options.podLogsDirectory, volumes.get(uid) ?? [])] as const;
  });
  const storage = new Map(await Promise.all(reading));
  return {
    node: { fs, runtime },
    pod(uid: string, containers: readonly ContainerStats[]) {
      const own = storage.get(uid) ?? NOTHING;
      const files = containers.map(writableOf);
      const total = { bytes: own.bytes + sum(files, "bytes"), inodes: own.inodes + sum(files, "inodes") };
      return { ...(own.volumes.length > 0 ? { volume: own.volumes } : {}), "ephemeral-storage": used(total) };
    },
    container(uid: string, name: string, stats: ContainerStats) {
      const logs = storage.get(uid)?.logs.get(name) ?? { bytes: 0, inodes: 0 };
      return { rootfs: used(writableOf(stats)), logs: used(logs) };
    },
  };
}

const sum = (all: readonly TreeUsage[], what: keyof TreeUsage) => all.reduce((total, it) => total + it[what], 0);
const writableOf = ({ writableLayer }: ContainerStats): TreeUsage => ({
  bytes: writableLayer?.usedBytes ?? 0,
  inodes: writableLayer?.inodesUsed ?? 0,
});

async function podStorage(pod: Pod, logsDirectory: string, volumes: readonly VolumeStats[]): Promise<PodStorage> {
  const folder = podLogDirectory(logsDirectory, pod);
  const logs = await Promise.all(
    allContainers(pod).map(async ({ name }) => [name, await treeUsage(join(folder, name))] as const),
  );
  const local = new Set((pod.spec.volumes ?? []).filter(isOnNodeDisk).map(({ name }) => name));
  const parts = [
    ...logs.map(([, usage]) => usage),
    ...volumes
      .filter(({ name }) => local.has(name))
      .map(({ usedBytes = 0, inodesUsed = 0 }) => ({ bytes: usedBytes, inodes: inodesUsed })),
  ];
  return { volumes, logs: new Map(logs), bytes: sum(parts, "bytes"), inodes: sum(parts, "inodes") };
}

/** Where images and containers' own files are kept; nothing while the runtime does not say. */
async function imageFileSystems(cri: CriClient) {
  const info = await cri.imageFsInfo().catch(() => undefined);
  const read = async (it: FilesystemUsage | undefined) => {
    const whole = it?.fsId ? await fileSystemUsage(it.fsId.mountpoint).catch(() => undefined) : undefined; // not there yet
    if (!it || !whole) return undefined;
    const { usedBytes = 0, inodesUsed = 0, timestamp } = it;
    return { time: formatTime(timestamp), ...whole, usedBytes, inodesUsed };
  };
  const imageFs = await read(info?.imageFilesystems[0]);
  const containerFs = await read(info?.containerFilesystems[0]);
  return { ...(imageFs ? { imageFs } : {}), ...(containerFs ? { containerFs } : {}) };
}
