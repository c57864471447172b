import { access, constants, readFile } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import { delimiter, join } from "node:path";

/** Something the host must have, and the Debian package that brings it. */
export interface Requirement {
  /** a program on PATH, or files of which one must exist */
  program?: string;
  files?: readonly string[];
  package: string;
  why: string;
}

const CNI_FOLDERS = ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni"];

export const HOST_REQUIREMENTS: readonly Requirement[] = [
  { program: "containerd", package: "containerd", why: "runs the containers" },
  { program: "runc", package: "runc", why: "starts each container's process" },
  {
    files: CNI_FOLDERS.map((folder) => join(folder, "bridge")),
    package: "containernetworking-plugins",
    why: "connects Pods to the network",
  },
  { program: "nft", package: "nftables", why: "leads Service addresses to Pods" },
  { program: "conntrack", package: "conntrack", why: "forgets connections to Pods that are gone" },
  { program: "iptables", package: "iptables", why: "opens the hostPorts of Pods" },
  { program: "ip", package: "iproute2", why: "shows and removes network links" },
  { program: "mount", package: "mount", why: "mounts volumes" },
];

/** What several control planes need besides. */
export const ETCD_REQUIREMENTS: readonly Requirement[] = [
  { program: "etcd", package: "etcd-server", why: "keeps the cluster's state on several machines" },
  { program: "etcdctl", package: "etcd-client", why: "unpacks snapshots of that state" },
];

/** Folders of programs even when PATH leaves them out, as it does for `su` without a login. */
function searchPath(): string[] {
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...new Set([...path, "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"])];
}

export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of searchPath()) if (await isExecutable(join(folder, name))) return join(folder, name);
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Which of the requirements the host does not meet. */
export async function missingRequirements(wanted: readonly Requirement[]): Promise<Requirement[]> {
  const met = await Promise.all(
    wanted.map(async ({ program, files }) => {
      if (program !== undefined) return (await findProgram(program)) !== undefined;
      return (await Promise.all((files ?? []).map(isExecutable))).includes(true);
    }),
  );
  return wanted.filter((_, i) => !met[i]);
}

/** The folder with the CNI plugins. */
export async function cniFolder(): Promise<string> {
  for (const folder of CNI_FOLDERS) if (await isExecutable(join(folder, "bridge"))) return folder;
  return CNI_FOLDERS[1]!;
}

/** This machine's name as a node's name: a DNS subdomain. */
export function hostNodeName(): string {
  const name = hostname()
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
  return name === "" ? "node" : name;
}

/**
 * The address other machines and Pods reach this machine by: that of the link with the default route, else the first
 * address that is not the loopback's; undefined when there is none at all.
 */
export async function hostAddress(): Promise<string | undefined> {
  const addresses = Object.entries(networkInterfaces()).flatMap(([link, list]) =>
    (list ?? []).filter((a) => a.family === "IPv4" && !a.internal).map((a) => ({ link, address: a.address })),
  );
  const link = defaultRouteLink(await readFile("/proc/net/route", "utf8").catch(() => "")); // no IPv4 at all
  const foreign = addresses.filter((a) => !a.link.startsWith("cox-"));
  return (foreign.find((a) => a.link === link) ?? foreign[0])?.address;
}

/** All IPv4 addresses of this machine but the loopback's. */
export function hostAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.filter((it) => it.family === "IPv4" && !it.internal).map(({ address }) => address);
}

/** The link of the default route with the smallest metric, from the kernel's route table. */
export function defaultRouteLink(table: string): string | undefined {
  const routes = table
    .split("\n")
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter((columns) => columns[1] === "00000000" && columns[7] === "00000000")
    .sort((a, b) => Number(a[6]) - Number(b[6]));
  return routes[0]?.[0];
}
