import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The few mounts a node makes by itself; the runtime makes those inside containers. */
export interface Mounter {
  /** A file system in memory at `path`; harmless when there is one already. */
  tmpfs(path: string, options: { size?: number; mode?: string }): Promise<void>;
  bind(source: string, target: string): Promise<void>;
  /** Unmounts everything at or below `path`, deepest first. */
  unmountAll(path: string): Promise<void>;
}

/** Mount points at or below `path`, deepest first, from the kernel's own list. */
export async function mountsBelow(path: string): Promise<string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  const points = table.split("\n").map((line) => unescapeOctal(line.split(" ")[4] ?? ""));
  return points.filter((point) => point === path || point.startsWith(`${path}/`)).reverse();
}

const unescapeOctal = (text: string) =>
  text.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)));

export const realMounter: Mounter = {
  async tmpfs(path, { size, mode = "0777" }) {
    if ((await mountsBelow(path)).includes(path)) return;
    const options = [`mode=${mode}`, ...(size ? [`size=${size}`] : [])].join(",");
    await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]);
  },
  async bind(source, target) {
    if ((await mountsBelow(target)).includes(target)) return;
    await run("mount", ["--bind", source, target]);
  },
  async unmountAll(path) {
    for (const point of await mountsBelow(path)) await run("umount", ["--lazy", point]);
  },
};

/** Plain folders in place of mounts, for tests without privileges. */
export const pretendMounter: Mounter = { async tmpfs() {}, async bind() {}, async unmountAll() {} };
