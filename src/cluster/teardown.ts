import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../util/clock.ts";
import { errorCode } from "./errors.ts";
import type { NodePaths } from "./layout.ts";
import { findProcesses, signalProcess, whenGone } from "./processes.ts";
import { tryRun } from "./run.ts";

/**
 * What a cluster leaves in the kernel and on disk, found by name alone, so that it can be swept away whatever state
 * the cluster is in. Each function is harmless when there is nothing to do. Order matters: processes hold mounts,
 * mounts hold network namespaces, and both hold control groups.
 */

/** Ends everything that runs inside a node's control group, and the containerd shims above it. */
export async function killContainers(paths: NodePaths, cgroup: string, clock: Clock): Promise<void> {
  const shims = await findProcesses((command) => isShim(command, paths));
  // shims first: one that sees its container die would run runc to clean up, in folders that are about to go
  for (const { pid } of shims) signalProcess(pid, "SIGKILL");
  for (let round = 0; round < 20; round++) {
    const pids = await groupProcesses(await cgroupFolders(cgroup));
    if (pids.length === 0) break;
    for (const pid of pids) signalProcess(pid, "SIGKILL");
    await whenGone(pids, clock, 500);
  }
  await whenGone(
    shims.map((shim) => shim.pid),
    clock,
    2000,
  );
}

function isShim(command: readonly string[], paths: NodePaths): boolean {
  return command[0]?.includes("containerd-shim") === true && command.includes(paths.socket);
}

/** Sockets of shims lie in a folder that all containerds of a machine share; each bundle names its own. */
export async function removeShimSockets(paths: NodePaths): Promise<void> {
  const bundles = join(paths.containerdState, "io.containerd.runtime.v2.task", "k8s.io");
  for (const bundle of await list(bundles)) {
    const address = await readFile(join(bundles, bundle, "address"), "utf8").catch(() => ""); // half-made bundle
    if (address.startsWith("unix://")) await rm(address.slice("unix://".length).trim(), { force: true });
  }
}

/** Unmounts everything below the folders, the innermost first. */
export async function unmountBelow(folders: readonly string[]): Promise<void> {
  const points = mountPoints(await readFile("/proc/self/mountinfo", "utf8"));
  const ours = points.filter((point) => folders.some((folder) => point === folder || point.startsWith(`${folder}/`)));
  for (let i = 0; i < ours.length; i += 100) {
    // the kernel lists a mount after what it is mounted on
    await tryRun("umount", ["--lazy", ...ours.toReversed().slice(i, i + 100)]);
  }
}

export function mountPoints(mountinfo: string): string[] {
  const plain = (text: string) =>
    text.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
  return mountinfo
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => plain(line.split(" ")[4]!));
}

/** Removes the cluster's tree of control groups in every hierarchy, leaves first. */
export async function removeCgroups(cgroup: string): Promise<void> {
  for (const folder of await cgroupFolders(cgroup)) await removeTree(folder);
}

async function removeTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  }
  await rmdir(folder).catch((error) => {
    if (errorCode(error) !== "ENOENT") throw error;
  });
}

/** X of all control groups "<cgroup>.X": those of a cluster's further nodes. */
export async function siblingGroups(cgroup: string): Promise<string[]> {
  const prefix = `${cgroup.slice(1)}.`;
  const found = new Set<string>();
  for (const folder of await hierarchies())
    for (const name of await list(folder)) if (name.startsWith(prefix)) found.add(name.slice(prefix.length));
  return [...found].sort();
}

async function hierarchies(): Promise<string[]> {
  const root = "/sys/fs/cgroup";
  return [root, ...(await list(root)).map((name) => join(root, name))];
}

/** Where the group exists: one folder with cgroup v2, one per controller with v1. */
async function cgroupFolders(cgroup: string): Promise<string[]> {
  const candidates = (await hierarchies()).map((folder) => join(folder, cgroup));
  const exists = await Promise.all(
    candidates.map((folder) =>
      readdir(folder).then(
        () => true,
        () => false,
      ),
    ),
  );
  return candidates.filter((_, i) => exists[i]);
}

async function groupProcesses(folders: readonly string[]): Promise<number[]> {
  const pids = new Set<number>();
  const visit = async (folder: string): Promise<void> => {
    const text = await readFile(join(folder, "cgroup.procs"), "utf8").catch(() => ""); // removed meanwhile
    for (const pid of text.split("\n")) if (pid !== "" && pid !== "0") pids.add(Number(pid));
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    await Promise.all(entries.filter((e) => e.isDirectory()).map((e) => visit(join(folder, e.name))));
  };
  await Promise.all(folders.map(visit));
  return [...pids];
}

/** Deletes the nftables tables of this name, of whatever family. */
export async function removeTables(table: string): Promise<void> {
  const { code, stdout } = await tryRun("nft", ["list", "tables"]).catch(absent);
  if (code !== 0) return;
  for (const [, family, name] of stdout.matchAll(/^table (\S+) (\S+)$/gm)) {
    if (name === table) await tryRun("nft", ["delete", "table", family!, table]);
  }
}

/** Takes out the iptables rules and chains that CNI plugins made for the cluster's network, and for no other. */
export function removeCniRules(network: string): Promise<void> {
  return removeNatRules((saved) => cniRemovals(saved, network));
}

/**
 * Takes out what CNI plugins make once for all networks, and tables without a rule. A plugin that makes a rule meanwhile
 * would lose it: only for when no cluster of this machine is left (sharedRemains.ts).
 */
export async function removeSharedRules(): Promise<void> {
  await removeNatRules(sharedCniRemovals);
  for (const family of ["ip", "ip6"])
    for (const table of ["nat", "filter", "raw"]) await removeIfRuleless(family, table);
}

async function removeNatRules(removals: (saved: string) => string[]): Promise<void> {
  for (const tool of ["iptables", "ip6tables"]) {
    const { code, stdout } = await tryRun(`${tool}-save`, ["-t", "nat"]).catch(absent);
    const restore = code === 0 ? removals(stdout) : [];
    // The kernel takes a chain for busy in the transaction that removes the last rule leading to it.
    const chains = restore.filter((line) => line.startsWith("-X "));
    for (const lines of [restore.filter((line) => !chains.includes(line)), chains]) {
      const input = ["*nat", ...lines, "COMMIT", ""].join("\n");
      if (lines.length > 0) await tryRun(`${tool}-restore`, ["--noflush"], { input });
    }
  }
}

/** Takes out the iptables chains whose names begin so, and what leads there: those of the proxy. */
export async function removeChains(prefix: string): Promise<void> {
  for (const tool of ["iptables", "ip6tables"]) {
    const { code, stdout } = await tryRun(`${tool}-save`, []).catch(absent);
    const removals = code === 0 ? chainRemovals(stdout, prefix) : [];
    for (const input of removals) await tryRun(`${tool}-restore`, ["--noflush"], { input });
  }
}

/** From `iptables-save`: what to feed to `iptables-restore --noflush`, one after the other. */
export function chainRemovals(saved: string, prefix: string): string[] {
  const rules: string[] = [];
  const chains: string[] = [];
  for (const section of saved.split(/^(?=\*)/m)) {
    const [table = "", ...lines] = section.split("\n");
    const own = lines
      .flatMap((line) => /^:(\S+) /.exec(line)?.[1] ?? [])
      .filter((name) => name.startsWith(`${prefix}-`));
    if (own.length === 0) continue;
    const jumps = lines.filter(
      (line) => own.some((name) => line.endsWith(` -j ${name}`)) && !line.startsWith(`-A ${prefix}-`),
    );
    const removed = jumps.map((line) => line.replace(/^-A/, "-D"));
    rules.push([table, ...removed, ...own.map((name) => `-F ${name}`), "COMMIT", ""].join("\n"));
    chains.push([table, ...own.map((name) => `-X ${name}`), "COMMIT", ""].join("\n"));
  }
  return [...rules, ...chains];
}

/** iptables makes the table when it first looks for it; one without a single rule does nothing and is nobody's. */
async function removeIfRuleless(family: string, table: string): Promise<void> {
  const { code, stdout } = await tryRun("nft", ["-j", "list", "table", family, table]).catch(absent);
  if (code !== 0) return;
  const { nftables } = JSON.parse(stdout) as { nftables: { rule?: object; chain?: { policy?: string } }[] };
  if (!nftables.some(({ rule, chain }) => rule || chain?.policy === "drop"))
    await tryRun("nft", ["delete", "table", family, table]);
}

/** From `iptables-save`: what to feed to `iptables-restore --noflush` so that nothing of the network remains. */
export function cniRemovals(saved: string, network: string): string[] {
  const lines = saved.split("\n");
  // CNI plugins say in each rule's comment which network it belongs to
  const ours = lines.filter((line) => line.startsWith("-A ") && line.includes(`name: \\"${network}\\"`));
  const chains = new Set(
    ours.flatMap((line) => line.match(/-[Agj] (CNI-[A-Za-z0-9-]+)/g) ?? []).map((match) => match.slice(3)),
  );
  const own = [...chains].filter((chain) => !SHARED_CHAINS.includes(chain));
  const rules = ours.filter((line) => !own.includes(line.split(" ")[1]!)).map((line) => line.replace(/^-A/, "-D"));
  return [...rules, ...emptied(own)];
}

/** Chains that all networks with hostPorts share, and the plugin makes when it misses them. */
const SHARED_CHAINS = ["CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-SETMARK", "CNI-HOSTPORT-MASQ"];

const emptied = (chains: readonly string[]) => [
  ...chains.map((chain) => `-F ${chain}`),
  ...chains.map((chain) => `-X ${chain}`),
];

/** The same for the shared chains; nothing as long as another's network has a hostPort. */
export function sharedCniRemovals(saved: string): string[] {
  const lines = saved.split("\n");
  if (lines.some((line) => line.startsWith("-A CNI-HOSTPORT-DNAT "))) return [];
  const there = SHARED_CHAINS.filter((chain) => lines.some((line) => line.startsWith(`:${chain} `)));
  const jumps = lines.filter((line) => there.some((chain) => line.startsWith("-A ") && line.endsWith(`-j ${chain}`)));
  return [...jumps.map((line) => line.replace(/^-A/, "-D")), ...emptied(there)];
}

/** The container runtime's CNI library keeps files for each Pod in a folder that all networks of a machine share. */
export async function removeCniCache(paths: NodePaths, network: string): Promise<void> {
  const results = "/var/lib/cni/results";
  const sandboxes = await list(join(paths.containerdRoot, "io.containerd.grpc.v1.cri", "sandboxes"));
  const isOurs = (file: string) => file.startsWith(`${network}-`) || sandboxes.some((id) => file.includes(id));
  for (const file of await list(results)) if (isOurs(file)) await rm(join(results, file), { force: true });
}

/** Deletes the cluster's bridge and the links on it: those to Pods' network namespaces go with them only after a while. */
export async function removeBridge(bridge: string): Promise<void> {
  for (const link of [...(await list(`/sys/class/net/${bridge}/brif`)), bridge]) {
    await tryRun("ip", ["link", "delete", link]).catch(absent);
  }
}

/** Folders that containerd and the CNI library make outside the cluster's own, when they are empty. */
export async function removeSharedFolders(): Promise<void> {
  const runtime = ["s", "fifo", "runc/k8s.io", "runc", "."].map((name) => join("/run/containerd", name));
  const cni = ["results", "cache", "."].map((name) => join("/var/lib/cni", name));
  for (const folder of [...runtime, ...cni]) await removeIfEmpty(folder);
}

export async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch((error) => {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST", "EBUSY"].includes(errorCode(error) ?? "")) throw error;
  });
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []); // it does not exist
}

/** The host lacks the program, so it made nothing that could be left. */
function absent(): { code: number; stdout: string } {
  return { code: 127, stdout: "" };
}
