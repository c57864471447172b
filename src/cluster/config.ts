import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorCode } from "./errors.ts";
import { type ClusterConfig, clusterPaths, runRoot, stateRoot } from "./layout.ts";

export async function readCluster(name: string): Promise<ClusterConfig | undefined> {
  try {
    return JSON.parse(await readFile(clusterPaths(name).config, "utf8")) as ClusterConfig;
  } catch (error) {
    if (errorCode(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function writeCluster(config: ClusterConfig): Promise<void> {
  await replaceFile(clusterPaths(config.name).config, `${JSON.stringify(config, undefined, 2)}\n`);
}

/** Names of all clusters that left something on this machine, half-started ones included. */
export async function clusterNames(): Promise<string[]> {
  const names = new Set<string>();
  for (const root of [stateRoot(), runRoot()]) {
    for (const entry of await entries(root)) if (!entry.startsWith(".")) names.add(entry);
  }
  return [...names].sort();
}

/** The smallest index that no other cluster has. */
export async function freeIndex(): Promise<number> {
  const taken = new Set<number>();
  for (const name of await clusterNames()) {
    const config = await readCluster(name);
    if (config) taken.add(config.index);
  }
  let index = 0;
  while (taken.has(index)) index++;
  return index;
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** Writes a file whole or not at all. */
export async function replaceFile(path: string, content: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  await writeFile(draft, content, { mode });
  await rename(draft, path);
}

/** Writes a file if its content differs; answers whether it did. */
export async function updateFile(path: string, content: string, mode = 0o644): Promise<boolean> {
  const current = await readFile(path, "utf8").catch(() => undefined); // absent or unreadable: write it
  if (current === content) return false;
  await replaceFile(path, content, mode);
  return true;
}
