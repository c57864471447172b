import { access, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pod } from "../api/core/v1/index.ts";
import type { Logger } from "../util/logger.ts";
import { type PodLimits, podLimits, qosClass } from "./pod/resources.ts";

/** The cgroups above containers: one for all pods, one per QoS class, one per pod. */
export interface Cgroups {
  /** Makes the cgroup of a pod and answers its name, the parent of its sandbox and containers. */
  create(pod: Pod): Promise<string>;
  /** Gives the pod's cgroup other limits. */
  update(pod: Pod, limits: PodLimits): Promise<void>;
  /** Bounds what all pods together may use. */
  bound(limits: PodLimits): Promise<void>;
  remove(pod: { uid: string; qos: string }): Promise<void>;
  removeAll(): Promise<void>;
}

/** The controllers that carry limits; the first in a version 1 hierarchy proves its presence. */
const V1 = ["cpu", "cpuacct", "memory", "pids", "cpuset", "blkio", "devices", "freezer"] as const;

/** cgroup version 1 or 2, by what is mounted; `root` such as "/coxswain". A failure is logged, never fatal. */
export function realCgroups(root: string, logger: Logger, mount = "/sys/fs/cgroup"): Cgroups {
  const name = (uid: string, qos: string) => {
    const pod = `pod${uid}`;
    return qos === "Guaranteed" ? join(root, "kubepods", pod) : join(root, "kubepods", qos.toLowerCase(), pod);
  };
  // one after the other, so that the last has seen all
  let sharing: Promise<void> = Promise.resolve();
  const share = (qos: string): Promise<void> => {
    if (qos === "Guaranteed") return Promise.resolve();
    const folder = join(root, "kubepods", qos.toLowerCase());
    sharing = sharing.then(() => shareOut(mount, folder, qos)).catch(tolerate(`share out ${folder}`));
    return sharing;
  };
  const tolerate = (what: string) => (error: unknown) => logger.warn("cgroup operation failed", { what, error });
  return {
    async create(pod) {
      const path = name(pod.metadata.uid!, qosClass(pod));
      const create = (await isV2(mount)) ? createV2 : createV1;
      await create(mount, path, podLimits(pod)).catch(tolerate(`create ${path}`));
      await share(qosClass(pod));
      return path;
    },
    async update(pod, limits) {
      const path = name(pod.metadata.uid!, qosClass(pod));
      await ((await isV2(mount)) ? writeV2(join(mount, path), limits) : writeV1(mount, path, limits));
      await share(qosClass(pod));
    },
    async bound(limits) {
      const create = (await isV2(mount)) ? createV2 : createV1;
      await create(mount, join(root, "kubepods"), limits);
    },
    async remove({ uid, qos }) {
      const path = name(uid, qos);
      for (const base of await hierarchies(mount)) await removeTree(join(base, path)).catch(tolerate(`remove ${path}`));
      await share(qos);
    },
    async removeAll() {
      for (const base of await hierarchies(mount)) await removeTree(join(base, root)).catch(tolerate(`remove ${root}`));
    },
  };
}

export const pretendCgroups: Cgroups = {
  update: async () => {},
  bound: async () => {},
  create: async (pod) => `/pretend/pod${pod.metadata.uid}`,
  remove: async () => {},
  removeAll: async () => {},
};

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

export const isV2 = (mount = "/sys/fs/cgroup") => exists(join(mount, "cgroup.controllers"));

async function hierarchies(mount: string): Promise<string[]> {
  if (await isV2(mount)) return [mount];
  const folders = await readdir(mount);
  return folders.map((folder) => join(mount, folder));
}

async function createV1(mount: string, path: string, limits: PodLimits): Promise<void> {
  const folders = new Set(await readdir(mount));
  await Promise.all(
    V1.filter((it) => folders.has(it)).map((controller) => mkdir(join(mount, controller, path), { recursive: true })),
  );
  // A new cpuset has no processors: nothing could run in it.
  if (folders.has("cpuset")) await inheritCpuset(join(mount, "cpuset"), path);
  await writeV1(mount, path, limits);
}

async function writeV1(mount: string, path: string, limits: PodLimits): Promise<void> {
  const cpu = join(mount, "cpu", path);
  await write(join(cpu, "cpu.shares"), limits.cpuShares);
  await write(join(cpu, "cpu.cfs_period_us"), limits.cpuPeriod);
  await write(join(cpu, "cpu.cfs_quota_us"), limits.cpuQuota ?? -1);
  await write(join(mount, "memory", path, "memory.limit_in_bytes"), limits.memory ?? -1);
}

async function inheritCpuset(base: string, path: string): Promise<void> {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    let at = base;
    for (const part of path.split("/").filter(Boolean)) {
      const parent = await readFile(join(at, file), "utf8");
      at = join(at, part);
      if ((await readFile(join(at, file), "utf8")).trim() === "") await write(join(at, file), parent.trim());
    }
  }
}

async function createV2(mount: string, path: string, limits: PodLimits): Promise<void> {
  let at = mount;
  for (const part of path.split("/").filter(Boolean)) {
    await write(join(at, "cgroup.subtree_control"), "+cpu +memory +pids").catch(() => {});
    at = join(at, part);
    await mkdir(at, { recursive: true });
  }
  await writeV2(at, limits);
}

async function writeV2(folder: string, limits: PodLimits): Promise<void> {
  await write(join(folder, "cpu.weight"), cpuWeight(limits.cpuShares));
  await write(join(folder, "cpu.max"), `${limits.cpuQuota ?? "max"} ${limits.cpuPeriod}`);
  await write(join(folder, "memory.max"), limits.memory ?? "max");
}

/**
 * Gives the pods of a class together what each of them asks for: beside the pods of other classes, they would else get
 * as little or as much as one pod does. Those that ask for nothing get the least.
 */
async function shareOut(mount: string, folder: string, qos: string): Promise<void> {
  const v2 = await isV2(mount);
  const [base, file] = v2 ? [join(mount, folder), "cpu.weight"] : [join(mount, "cpu", folder), "cpu.shares"];
  const pods = await readdir(base, { withFileTypes: true }).catch(() => []); // none has begun yet
  if (pods.length === 0) return;
  const asked = qos === "BestEffort" ? [] : pods.filter((it) => it.isDirectory()).map(({ name }) => name);
  const each = await Promise.all(asked.map((name) => readFile(join(base, name, file), "utf8").catch(() => "0"))); // gone
  const sum = each.map(Number).reduce((total, it) => total + it, 0);
  await write(join(base, file), v2 ? Math.min(10_000, Math.max(1, sum)) : Math.min(262_144, Math.max(2, sum)));
}

/** The range 2…262144 of shares mapped onto 1…10000 of weights. */
export const cpuWeight = (shares: number) => Math.floor(1 + ((shares - 2) * 9999) / 262_142);

const write = (path: string, value: string | number) => writeFile(path, String(value));

/** Only empty cgroups can be removed, so the deepest go first; processes left over are none of ours to kill. */
async function removeTree(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(path, entry.name));
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}
