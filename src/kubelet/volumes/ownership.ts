import { chmod, lchown, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

const SETGID = 0o2000;
const READ_WRITE = 0o660;
const READ = 0o440;
const SEARCH = 0o110;

/** Whether a folder is as open to the group as this makes it: then what is in it is taken to be so, too. */
async function isOwned(path: string, group: number): Promise<boolean> {
  const { gid, mode } = await lstat(path);
  const wanted = READ_WRITE | SEARCH | SETGID;
  return gid === group && (mode & wanted) === wanted;
}

export interface Ownership {
  /** the Pod's fsGroupChangePolicy */
  policy?: string;
  /** the group may read only */
  readOnly?: boolean;
}

/**
 * Gives a volume to a Pod's fsGroup: everything in it belongs to the group, which may read and write it, and new files
 * will. With `OnRootMismatch` a volume whose top folder is so already is left as it is.
 */
export async function giveToGroup(
  path: string,
  group: number,
  { policy = "Always", readOnly = false }: Ownership = {},
): Promise<void> {
  if (policy === "OnRootMismatch" && (await isOwned(path, group))) return;
  await give(path, group, readOnly ? READ : READ_WRITE);
}

/** The top folder last: one that is interrupted is done again. */
async function give(path: string, group: number, access: number): Promise<void> {
  const { uid, mode } = await lstat(path);
  const isFolder = (mode & 0o170000) === 0o040000;
  if (isFolder) for (const name of await readdir(path)) await give(join(path, name), group, access);
  await lchown(path, uid, group);
  // a link has no permissions of its own, and what it leads to may be elsewhere
  if ((mode & 0o170000) === 0o120000) return;
  await chmod(path, (mode & 0o7777) | access | (isFolder ? SEARCH | SETGID : 0));
}
