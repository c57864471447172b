import type { Container, CriClient, Image } from "../../cri/index.ts";
import type { Clock } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import { diskUsage } from "../node/machine.ts";
import type { ImagePuller } from "./imagePuller.ts";

const INTERVAL = 300_000;
/** Above this use of the disk images are removed, until use is below the second mark. */
const HIGH = 0.85;
const LOW = 0.8;
const YOUNGEST = 120_000;

export interface CollectorOptions {
  cri: CriClient;
  clock: Clock;
  logger: Logger;
  images: ImagePuller;
  usage?: (path: string) => Promise<{ capacity: number; available: number }>;
}

/** Removes images that no container uses, the longest unused first, when the disk fills up. */
export async function collectImages(options: CollectorOptions, signal: AbortSignal): Promise<void> {
  const { clock, logger } = options;
  const firstSeen = new Map<string, number>();
  while (!signal.aborted) {
    await collectOnce(options, firstSeen).catch((error: unknown) => {
      if (!signal.aborted) logger.debug("images could not be collected", { error });
    });
    await clock.pause(INTERVAL, signal);
  }
}

/** Removes every image that no container uses: the node is short of room. */
export async function removeUnusedImages(options: CollectorOptions): Promise<void> {
  const { cri, images } = options;
  const [all, containers] = await Promise.all([cri.listImages(), cri.listContainers()]);
  for (const image of unused(all, containers, images)) await remove(image, options);
}

function unused(all: readonly Image[], containers: readonly Container[], images: ImagePuller): Image[] {
  const used = new Set(containers.flatMap((it) => [it.imageRef, it.image?.image ?? "", it.imageId]));
  for (const id of images.held()) used.add(id);
  return all
    .filter(
      (it) => !it.pinned && !used.has(it.id) && ![...it.repoTags, ...it.repoDigests].some((name) => used.has(name)),
    )
    .filter((it) => !it.repoTags.some((tag) => /(^|\/)pause(:|$)/.test(tag)));
}

async function remove(image: Image, { cri, logger }: CollectorOptions): Promise<void> {
  await cri.removeImage(image.id);
  logger.info("removed an unused image", { image: image.repoTags[0] ?? image.id });
}

export async function collectOnce(options: CollectorOptions, firstSeen: Map<string, number>): Promise<string[]> {
  const { cri, clock, images, usage = diskUsage } = options;
  const [all, containers, info] = await Promise.all([cri.listImages(), cri.listContainers(), cri.imageFsInfo()]);
  const now = clock.now();
  for (const { id } of all) if (!firstSeen.has(id)) firstSeen.set(id, now);
  const mountpoint = info.imageFilesystems[0]?.fsId?.mountpoint;
  if (!mountpoint) return [];
  const disk = await usage(mountpoint);
  let excess = disk.capacity * (1 - LOW) - disk.available;
  if (disk.available >= disk.capacity * (1 - HIGH)) return [];
  const lastUsed = (id: string) => images.lastUsed.get(id) ?? firstSeen.get(id) ?? now;
  const removable = unused(all, containers, images)
    .filter((it) => now - lastUsed(it.id) >= YOUNGEST)
    .toSorted((a, b) => lastUsed(a.id) - lastUsed(b.id));
  const removed: string[] = [];
  for (const image of removable) {
    if (excess <= 0) break;
    await remove(image, options);
    removed.push(image.id);
    excess -= image.size;
  }
  return removed;
}
