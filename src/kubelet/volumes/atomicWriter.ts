import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { giveToGroup } from "./ownership.ts";

export interface PayloadFile {
  content: Buffer;
  mode: number;
}
/** Relative path → file. */
export type Payload = ReadonlyMap<string, PayloadFile>;

const DATA = "..data";

/**
 * Writes a set of files so that a reader sees either all of the old ones or all of the new ones: they stand in a folder
 * of their own, `..data` points at it, and replacing that one link is the update. Answers whether anything changed.
 */
export async function writeAtomically(directory: string, payload: Payload, group?: number): Promise<boolean> {
  const old = await readlink(join(directory, DATA)).catch(() => undefined);
  if (old && (await sameContent(join(directory, old), payload))) return false;
  const fresh = await mkdtemp(join(directory, `..${stamp()}.`));
  await chmod(fresh, 0o755);
  for (const [path, { content, mode }] of payload) {
    const target = join(fresh, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    await chmod(target, mode);
  }
  if (group !== undefined) await giveToGroup(fresh, group, { readOnly: true });
  await symlink(fresh.slice(directory.length + 1), join(directory, "..data_tmp"));
  await rename(join(directory, "..data_tmp"), join(directory, DATA));
  await linkNames(directory, payload);
  if (old) await rm(join(directory, old), { recursive: true, force: true });
  return true;
}

let sequence = 0;
/** Names of data folders need only differ from each other. */
const stamp = () => `${process.pid}_${sequence++}`;

/** What the user sees at the top of the volume are links through `..data`. */
async function linkNames(directory: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map((path) => path.split("/")[0]!));
  for (const name of await readdir(directory)) {
    if (name.startsWith("..")) continue;
    if (!wanted.delete(name)) await rm(join(directory, name), { recursive: true, force: true });
  }
  for (const name of wanted) await symlink(join(DATA, name), join(directory, name));
}

async function sameContent(directory: string, payload: Payload): Promise<boolean> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  if (entries.filter((it) => it.isFile()).length !== payload.size) return false;
  for (const [path, { content }] of payload) {
    const present = await readFile(join(directory, path)).catch(() => undefined);
    if (!present?.equals(content)) return false;
  }
  return true;
}
