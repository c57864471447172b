import { lstat, opendir, statfs } from "node:fs/promises";
import { join } from "node:path";

export interface TreeUsage {
  bytes: number;
  inodes: number;
}

/** What files below a folder (or a file) take on disk; what vanishes meanwhile does not count, links are not followed. */
export async function treeUsage(path: string, linked = new Set<string>()): Promise<TreeUsage> {
  const usage = { bytes: 0, inodes: 0 };
  const it = await lstat(path).catch(() => undefined); // gone
  if (!it) return usage;
  if (it.nlink > 1 && !it.isDirectory()) {
    const file = `${it.dev}:${it.ino}`;
    if (linked.has(file)) return usage;
    linked.add(file);
  }
  usage.bytes = it.blocks * 512;
  usage.inodes = 1;
  if (!it.isDirectory()) return usage;
  const folder = await opendir(path).catch(() => undefined); // gone
  if (!folder) return usage;
  for await (const entry of folder) {
    const { bytes, inodes } = await treeUsage(join(path, entry.name), linked);
    usage.bytes += bytes;
    usage.inodes += inodes;
  }
  return usage;
}

/** As the kubelet's summary tells it; what a driver does not know is left out. */
export interface VolumeUsage {
  capacityBytes?: number;
  availableBytes?: number;
  usedBytes?: number;
  inodes?: number;
  inodesFree?: number;
  inodesUsed?: number;
}

/** Of a file system as a whole. */
export async function fileSystemUsage(path: string): Promise<Required<VolumeUsage>> {
  const it = await statfs(path);
  return {
    capacityBytes: it.blocks * it.bsize,
    availableBytes: it.bavail * it.bsize,
    usedBytes: (it.blocks - it.bfree) * it.bsize,
    inodes: it.files,
    inodesFree: it.ffree,
    inodesUsed: it.files - it.ffree,
  };
}

/** Of a folder that shares its file system with others. */
export async function folderUsage(path: string): Promise<Required<VolumeUsage>> {
  const [whole, { bytes, inodes }] = await Promise.all([fileSystemUsage(path), treeUsage(path)]);
  return { ...whole, usedBytes: bytes, inodesUsed: inodes };
}
