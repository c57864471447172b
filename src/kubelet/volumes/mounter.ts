import { execFile } from "node:child_process";
import { readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { release } from "node:os";
import { promisify } from "node:util";

import { type HeldPath, mountPoint } from "./subPath.ts";

const run = promisify(execFile);

/** The few mounts a node makes by itself; the runtime makes those inside containers. */
export interface Mounter {
  /** A file system in memory at `path`; harmless when there is one already. */
  tmpfs(path: string, options: { size?: number; mode?: string }): Promise<void>;
  bind(source: string, target: string): Promise<void>;
  /** Mounts what is held open at `target`, in place of what is mounted there; answers where it is to be found. */
  bindHeld(held: HeldPath, target: string): Promise<string>;
  /** Mounts a file system; harmless when one is mounted there already. */
  mount(wish: MountWish): Promise<void>;
  /**
   * Makes a file system on a device that has nothing on it; what is there is never touched. One that is smaller than
   * its device, which has grown, is enlarged.
   */
  format(device: string, type: string): Promise<void>;
  /** Makes the file system that is mounted from a device as large as the device. */
  enlarge(device: string, mounted: string, type: string): Promise<void>;
  /** Makes a file system of a size in a file, or has one that is not in use grow to it; answers whether it is new. */
  image(wish: ImageWish): Promise<boolean>;
  /** Has a file system grow to a size whose file is mounted. */
  enlargeImage(file: string, size: number): Promise<void>;
  /** Makes what is mounted below a folder later on appear in all mount namespaces that have it; at best before. */
  share(path: string): Promise<void>;
  /** Unmounts at once, or fails: nobody writes there afterwards. */
  unmountNow(path: string): Promise<void>;
  /** Unmounts everything at or below `path`, deepest first. */
  unmountAll(path: string): Promise<void>;
}

export interface MountWish {
  /** such as "nfs" or "ext4" */
  type: string;
  source: string;
  target: string;
  options: readonly string[];
}

export interface ImageWish {
  file: string;
  /** bytes */
  size: number;
  type: string;
}

/** Mount points at or below `path`, deepest first, from the kernel's own list. */
export async function mountsBelow(path: string): Promise<string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  const points = table.split("\n").map((line) => unescapeOctal(line.split(" ")[4] ?? ""));
  return points.filter((point) => point === path || point.startsWith(`${path}/`)).reverse();
}

/** Whether what is mounted below `path` appears elsewhere, by the mount that it is on: the last one listed wins. */
export function isShared(mountinfo: string, path: string): boolean {
  let [deepest, shared] = ["", false];
  for (const line of mountinfo.split("\n")) {
    const [, , , , point = "", , ...tags] = line.split(" ");
    const name = unescapeOctal(point);
    const holds = name === "/" || path === name || path.startsWith(`${name}/`);
    if (name === "" || !holds || name.length < deepest.length) continue;
    deepest = name;
    shared = tags.slice(0, tags.indexOf("-")).some((tag) => tag.startsWith("shared:"));
  }
  return shared;
}

/** Since Linux 6.4 a file system in memory can be kept from swap: secrets then never reach a disk. */
export function knowsNoswap(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map((it) => Number.parseInt(it, 10));
  return major > 6 || (major === 6 && minor >= 4);
}

const unescapeOctal = (text: string) =>
  text.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)));

const isMounted = async (device: string): Promise<boolean> => {
  const [table, real] = await Promise.all([readFile("/proc/self/mounts", "utf8"), realpath(device)]);
  return table.split("\n").some((line) => line.startsWith(`${real} `));
};

/** Where the kernel does not let a file system grow while it is used, it grows before it is used again. */
async function enlargeAtRest(device: string): Promise<void> {
  const { stdout: facts } = await run("dumpe2fs", ["-h", device]);
  const fact = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(facts)?.[1]);
  const size = Number((await run("blockdev", ["--getsize64", device])).stdout);
  // what does not fill a whole group of blocks is left over
  if (size - fact("Block count") * fact("Block size") < 1024 * 1024) return;
  await check(device);
  await run("resize2fs", [device]);
}

async function check(fileSystem: string): Promise<void> {
  await run("e2fsck", ["-f", "-p", fileSystem]).catch((error: { code?: number }) => {
    if (error.code !== 1) throw error; // 1: something was put right
  });
}

/** The device by which a file is mounted, if it is. */
async function loopOf(file: string): Promise<string | undefined> {
  const { stdout } = await run("losetup", ["--noheadings", "--output", "NAME", "--associated", file]);
  return stdout.trim().split("\n")[0] || undefined;
}

export const realMounter: Mounter = {
  async tmpfs(path, { size, mode = "1777" }) {
    if ((await mountsBelow(path)).includes(path)) return;
    const options = [`mode=${mode}`, ...(size ? [`size=${size}`] : [])];
    const make = (...more: string[]) =>
      run("mount", ["-t", "tmpfs", "-o", [...options, ...more].join(","), "tmpfs", path]);
    if (!knowsNoswap(release())) await make();
    // in a user namespace the kernel refuses it
    else await make("noswap").catch(() => make());
  },
  async bind(source, target) {
    if ((await mountsBelow(target)).includes(target)) return;
    await run("mount", ["--bind", source, target]);
  },
  async bindHeld(held, target) {
    await this.unmountAll(target);
    await mountPoint(target, held.isFolder);
    // looked up as it stands: resolving the name once more would give away what holding it has won
    await run("mount", ["--no-canonicalize", "--bind", held.path, target]);
    return target;
  },
  async mount({ type, source, target, options }) {
    if ((await mountsBelow(target)).includes(target)) return;
    const args = ["-t", type, ...(options.length > 0 ? ["-o", options.join(",")] : []), source, target];
    await run("mount", args).catch((error: { code?: number; stderr?: string }) => {
      const output = `Mounting command: mount\nMounting arguments: ${args.join(" ")}\nOutput: ${error.stderr ?? ""}`;
      throw new Error(`mount failed: exit status ${error.code}\n${output}`);
    });
  },
  async format(device, type) {
    const known = await run("blkid", ["--probe", "--match-tag", "TYPE", "--output", "value", device]).then(
      ({ stdout }) => stdout.trim(),
      (error: { code?: number }) => {
        if (error.code === 2) return ""; // nothing that is known: blank
        throw error;
      },
    );
    if (known === "") await run(`mkfs.${type}`, type.startsWith("ext") ? ["-F", "-q", "-m0", device] : ["-f", device]);
    else if (known !== type) throw new Error(`${device} has a file system of type ${known}, not ${type}`);
    else if (type.startsWith("ext") && !(await isMounted(device))) await enlargeAtRest(device);
  },
  async enlarge(device, mounted, type) {
    if (type === "xfs") await run("xfs_growfs", [mounted]);
    else await run("resize2fs", [device]);
  },
  async image({ file, size, type }) {
    const found = await stat(file).catch(() => undefined);
    if (!found) {
      const half = `${file}.new`;
      await rm(half, { force: true });
      await run("truncate", ["--size", String(size), half]);
      await run(`mkfs.${type}`, ["-F", "-q", "-m0", half]);
      await rename(half, file);
    } else if (found.size < size && (await loopOf(file)) === undefined) {
      await run("truncate", ["--size", String(size), file]);
      await check(file);
      await run("resize2fs", [file]);
    }
    return !found;
  },
  async enlargeImage(file, size) {
    const device = await loopOf(file);
    if (device === undefined) throw new Error(`${file} is not mounted`);
    if ((await stat(file)).size < size) await run("truncate", ["--size", String(size), file]);
    await run("losetup", ["--set-capacity", device]);
    await run("resize2fs", [device]);
  },
  async share(path) {
    // bound onto itself, it would be its own peer there, and all below be mounted twice
    if (isShared(await readFile("/proc/self/mountinfo", "utf8"), await realpath(path))) return;
    const points = await mountsBelow(path);
    if (!points.includes(path)) {
      // over mounts that are there this would hide them: they stay as they are until the machine starts anew
      if (points.length > 0) return;
      await run("mount", ["--bind", path, path]);
    }
    await run("mount", ["--make-shared", path]);
  },
  async unmountNow(path) {
    for (const point of await mountsBelow(path)) await run("umount", [point]);
  },
  async unmountAll(path) {
    for (const point of await mountsBelow(path)) await run("umount", ["--lazy", point]);
  },
};

/** Plain folders in place of mounts, for tests without privileges. */
export const pretendMounter: Mounter = {
  async tmpfs() {},
  async bind() {},
  bindHeld: async ({ name }) => name,
  async mount() {},
  async format() {},
  async enlarge() {},
  image: async () => false,
  async enlargeImage() {},
  async share() {},
  async unmountNow() {},
  async unmountAll() {},
};
