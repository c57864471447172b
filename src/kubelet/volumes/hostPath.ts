import { mkdir, open, stat } from "node:fs/promises";
import { VolumeError } from "./payload.ts";

/** Checks (or makes) what a hostPath volume's `type` asks for. Throws VolumeError. */
export async function prepareHostPath(path: string, type = ""): Promise<void> {
  if (type === "") return;
  const found = await stat(path).catch(() => undefined);
  if (type === "DirectoryOrCreate" && !found) return void (await mkdir(path, { recursive: true, mode: 0o755 }));
  if (type === "FileOrCreate" && !found) return (await open(path, "a", 0o644)).close();
  const fits: Record<string, boolean | undefined> = {
    Directory: found?.isDirectory(),
    DirectoryOrCreate: found?.isDirectory(),
    File: found?.isFile(),
    FileOrCreate: found?.isFile(),
    Socket: found?.isSocket(),
    CharDevice: found?.isCharacterDevice(),
    BlockDevice: found?.isBlockDevice(),
  };
  if (!fits[type]) throw new VolumeError(`hostPath type check failed: ${path} is not a ${NAMES[type] ?? type}`);
}

const NAMES: Readonly<Record<string, string>> = {
  Directory: "directory",
  DirectoryOrCreate: "directory",
  File: "file",
  FileOrCreate: "file",
  Socket: "socket file",
  CharDevice: "character device",
  BlockDevice: "block device",
};
