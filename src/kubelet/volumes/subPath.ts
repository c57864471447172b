import { constants, type FileHandle, mkdir, open, readlink, realpath, stat, writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { ConfigError } from "../pod/environment.ts";

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
/** Node has no name for it: opens a place in the file system without access to what is there. */
const O_PATH = 0o10000000;

/** A part of a volume, held open: nobody can put something else in its place. */
export interface HeldPath {
  /** leads to exactly what is held, from any process */
  path: string;
  /** where it stood when it was opened */
  name: string;
  isFolder: boolean;
  close(): Promise<void>;
}

/** What a new folder in a volume is made like. */
export interface NewFolder {
  /** called for each folder that was made, by a path that leads exactly there */
  made(path: string): Promise<void>;
}

function check(subPath: string): void {
  if (subPath.startsWith("/") || subPath.split("/").includes("..")) {
    throw new ConfigError(`subPath ${subPath} must stay within the volume`);
  }
}

/**
 * Opens a subPath of a volume, making folders that are missing. Links are followed as long as they lead to somewhere in
 * the volume. Then the way is gone step by step without following any: a container of the Pod that swaps a folder for
 * a link in the very moment gets an error, not the host's files.
 */
export async function holdSubPath(volume: string, subPath: string, { made }: NewFolder): Promise<HeldPath> {
  check(subPath);
  const base = await realpath(volume);
  const steps = relative(base, await resolved(base, subPath))
    .split("/")
    .filter((step) => step !== "" && step !== ".");
  let at = await open(base, O_PATH | O_DIRECTORY);
  try {
    for (const [i, step] of steps.entries()) {
      const next = await enter(at, step, i < steps.length - 1, made);
      await at.close();
      at = next;
    }
    const isFolder = (await at.stat()).isDirectory();
    return {
      path: `/proc/${process.pid}/fd/${at.fd}`,
      name: await readlink(`/proc/self/fd/${at.fd}`),
      isFolder,
      close: () => at.close(),
    };
  } catch (error) {
    await at.close().catch(() => {});
    const why = (error as { code?: string }).code;
    if (why === "ELOOP" || why === "ENOTDIR") throw new ConfigError(`subPath ${subPath} leads out of the volume`);
    throw error;
  }
}

/** Where a path leads with its links followed as far as it exists; throws when that is outside of `base`. */
async function resolved(base: string, subPath: string): Promise<string> {
  const missing: string[] = [];
  for (let path = `${base}/${subPath.replace(/\/+$/, "")}`; ; path = dirname(path)) {
    const found = await realpath(path).catch(() => undefined);
    if (found === undefined) {
      missing.unshift(path.slice(path.lastIndexOf("/") + 1));
      continue;
    }
    if (found !== base && !found.startsWith(`${base}/`)) {
      throw new ConfigError(`subPath ${subPath} leads out of the volume`);
    }
    return [found, ...missing].join("/");
  }
}

async function enter(
  parent: FileHandle,
  name: string,
  mustBeFolder: boolean,
  made: NewFolder["made"],
): Promise<FileHandle> {
  const path = `/proc/self/fd/${parent.fd}/${name}`;
  const flags = O_PATH | O_NOFOLLOW | O_RDONLY | (mustBeFolder ? O_DIRECTORY : 0);
  try {
    return await opened(path, flags);
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
  }
  await mkdir(path);
  const handle = await opened(path, flags | O_DIRECTORY);
  await made(`/proc/self/fd/${handle.fd}/.`);
  return handle;
}

/** Opening only a place, a link itself would be opened: that is refused here. */
async function opened(path: string, flags: number): Promise<FileHandle> {
  const handle = await open(path, flags);
  if (!(await handle.stat()).isSymbolicLink()) return handle;
  await handle.close();
  throw Object.assign(new Error(`${path} is a link`), { code: "ELOOP" });
}

/** Makes something of the same kind to mount on. */
export async function mountPoint(target: string, isFolder: boolean): Promise<void> {
  if (await stat(target).catch(() => undefined)) return;
  await mkdir(isFolder ? target : dirname(target), { recursive: true, mode: 0o750 });
  if (!isFolder) await writeFile(target, "", { mode: 0o640 });
}
