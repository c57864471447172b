import { type FSWatcher, watch } from "node:fs";
import { copyFile, open, readdir, rename, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../util/clock.ts";

const MAX_BYTES = 10 * 1024 * 1024;
const KEEP = 3;
const LOOK_EVERY = 30_000;

/**
 * Keeps the logs in a folder small, for as long as `signal` allows. A log that has grown too large is copied away and
 * emptied in place: whoever writes to it appends, and need not be told.
 */
export async function rotateLogs(
  folder: string,
  clock: Clock,
  signal: AbortSignal,
  maxBytes = MAX_BYTES,
): Promise<void> {
  while (!signal.aborted) {
    await rotateOnce(folder, maxBytes);
    await clock.pause(LOOK_EVERY, signal);
  }
}

export async function rotateOnce(folder: string, maxBytes: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".log")) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined); // its node was removed meanwhile
    if (!found || found.size <= maxBytes) continue;
    await rm(`${path}.${KEEP}`, { force: true });
    for (let i = KEEP - 1; i >= 1; i--) await rename(`${path}.${i}`, `${path}.${i + 1}`).catch(() => undefined); // not that many yet
    await copyFile(path, `${path}.1`);
    await truncate(path);
  }
}

/** Removes the logs of a component that is no more, those that were copied away too. */
export async function removeLogs(folder: string, component: string): Promise<void> {
  const files = [`${component}.log`, ...Array.from({ length: KEEP }, (_, i) => `${component}.log.${i + 1}`)];
  await Promise.all(files.map((file) => rm(join(folder, file), { force: true })));
}

/** The last lines of a file; none when it does not exist. */
export async function lastLines(path: string, count: number): Promise<string[]> {
  const file = await open(path).catch(() => undefined);
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const length = Math.min(size, count * 400 + 4096);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString("utf8").split("\n");
    if (lines.at(-1) === "") lines.pop();
    return lines.slice(-count);
  } finally {
    await file.close();
  }
}

/** Hands over what is appended to a file from now on, until `signal` aborts; survives its being emptied. */
export async function followFile(path: string, write: (text: string) => void, signal: AbortSignal): Promise<void> {
  const file = await open(path);
  let at = (await file.stat()).size;
  const read = async () => {
    const { size } = await file.stat();
    if (size < at) at = 0;
    while (at < size) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(65_536, size - at)), 0, undefined, at);
      at += bytesRead;
      write(buffer.toString("utf8", 0, bytesRead));
    }
  };
  let reading = Promise.resolve();
  const watcher: FSWatcher = watch(path, () => {
    reading = reading.then(read);
  });
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  watcher.close();
  await reading;
  await file.close();
}
