import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runRoot, stateRoot } from "../layout.ts";
import { inMachine, type Machine } from "../machines/machines.ts";
import { run, tryRun } from "../run.ts";
import { type ClusterNode, namespaceFiles } from "./node.ts";

const SCRIPT = fileURLToPath(new URL("enter.sh", import.meta.url));

/** Gives the node mounts and a host name of its own, unless it has them. */
export async function ensureNamespaces(node: ClusterNode, machine: Machine): Promise<void> {
  const { folder, mount, uts } = namespaceFiles(node.paths);
  if ((await tryRun("nsenter", [`--mount=${mount}`, `--uts=${uts}`, "true"])).code === 0) return;
  await removeNamespaces(node);
  await mkdir(folder, { recursive: true });
  // the kernel holds a mount namespace only on a mount that is nobody else's
  await run("mount", ["--bind", folder, folder]);
  await run("mount", ["--make-private", folder]);
  for (const file of [mount, uts]) await writeFile(file, "");
  const own = join(node.paths.run, "own");
  await mkdir(own, { recursive: true });
  await writeFile(join(own, "machine-id"), `${machineID(node)}\n`);
  const unshare = ["unshare", `--mount=${mount}`, `--uts=${uts}`, "--propagation", "private"];
  const script = ["/bin/sh", SCRIPT, node.name, own, stateRoot(), runRoot(), (await reachableResolver()) ?? ""];
  const [program, ...args] = inMachine(machine, [...unshare, ...script]);
  await run(program!, args);
}

/** Lets go of them: with the last process inside, all its mounts go. */
export async function removeNamespaces(node: Pick<ClusterNode, "paths">): Promise<void> {
  const { folder, mount, uts } = namespaceFiles(node.paths);
  for (const file of [mount, uts, folder]) await tryRun("umount", ["--lazy", file]);
  await rm(folder, { recursive: true, force: true });
}

/** The same for as long as the node keeps its state folder's place and name. */
function machineID({ paths, name }: ClusterNode): string {
  return createHash("sha256").update(`${paths.state}/${name}`).digest("hex").slice(0, 32);
}

const SYSTEMD_RESOLV_CONF = "/run/systemd/resolve/resolv.conf";

/** Another resolv.conf than the host's, when that names only servers on the host's own loopback. */
async function reachableResolver(): Promise<string | undefined> {
  const servers = nameservers(await readFile("/etc/resolv.conf", "utf8").catch(() => "")); // none at all
  if (servers.length === 0 || !servers.every((server) => /^(127\.|::1$)/.test(server))) return undefined;
  const behind = nameservers(await readFile(SYSTEMD_RESOLV_CONF, "utf8").catch(() => "")); // not systemd's
  return behind.length > 0 ? SYSTEMD_RESOLV_CONF : undefined;
}

const nameservers = (text: string) => [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1]!);
