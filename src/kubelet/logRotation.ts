import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { CriClient } from "../cri/index.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { PodCache } from "./podCache.ts";

const LARGEST = 10 * 1024 * 1024;
const MOST_FILES = 5;
const INTERVAL = 10_000;

export interface RotationOptions {
  cri: CriClient;
  clock: Clock;
  logger: Logger;
  cache: PodCache;
  /** bytes at which a log is set aside */
  largest?: number;
}

/** Keeps each container's log below 10 MB, with four older ones beside it (all but the newest of them compressed). */
export async function rotateLogs(options: RotationOptions, signal: AbortSignal): Promise<void> {
  const { clock, cache, logger } = options;
  while (!signal.aborted) {
    await clock.pause(INTERVAL, signal);
    if (signal.aborted) return;
    for (const pod of cache.all()) {
      for (const container of pod.containers) {
        if (container.state !== "running" || !container.logPath) continue;
        await rotateOne(options, container.id, container.logPath).catch((error: unknown) =>
          logger.warn("log could not be rotated", { path: container.logPath, error }),
        );
      }
    }
  }
}

export async function rotateOne({ cri, clock, largest = LARGEST }: RotationOptions, id: string, path: string) {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size < largest) return;
  const old = (await rotatedLogs(path)).toReversed();
  // One place is the log's own and one the newcomer's.
  for (const file of old.slice(MOST_FILES - 2)) await rm(file, { force: true });
  for (const file of old.slice(0, MOST_FILES - 2)) if (!file.endsWith(".gz")) await compress(file);
  await rename(
    path,
    `${path}.${new Date(clock.now())
      .toISOString()
      .replace(/[-:]|\..*/g, "")
      .replace("T", "-")}`,
  );
  await cri.reopenContainerLog(id);
}

async function compress(file: string): Promise<void> {
  await pipeline(createReadStream(file), createGzip(), createWriteStream(`${file}.tmp`));
  await rename(`${file}.tmp`, `${file}.gz`);
  await rm(file);
}

/** The older logs of a container, oldest first. */
export async function rotatedLogs(path: string): Promise<string[]> {
  const names = await readdir(dirname(path)).catch(() => []);
  const prefix = `${basename(path)}.`;
  const old = names.filter((name) => name.startsWith(prefix) && !name.endsWith(".tmp"));
  return old.sort().map((name) => join(dirname(path), name));
}
