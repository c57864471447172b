/**
 * The Container Device Interface: files in which drivers say what a container needs to use a device. Runtimes learn of
 * devices by their names from CRI since containerd 1.7; for older ones, the kubelet reads the files itself.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseYaml } from "../../apimachinery/codec/yaml.ts";
import type { Device, Mount, Version } from "../../cri/index.ts";

/** Later folders win. */
export const CDI_DIRECTORIES: readonly string[] = ["/etc/cdi", "/var/run/cdi"];

/** What is added to a container. */
export interface ContainerEdits {
  /** names that the runtime looks up itself */
  readonly cdiDevices: readonly { readonly name: string }[];
  readonly environment: readonly (readonly [string, string])[];
  readonly devices: readonly Device[];
  readonly mounts: readonly Mount[];
}

export const NOTHING: ContainerEdits = { cdiDevices: [], environment: [], devices: [], mounts: [] };

interface Edits {
  env?: string[];
  deviceNodes?: { path?: string; hostPath?: string; permissions?: string }[];
  mounts?: { hostPath?: string; containerPath?: string; options?: string[] }[];
  hooks?: unknown[];
  additionalGids?: number[];
  intelRdt?: unknown;
  netDevices?: unknown[];
}
interface Specification {
  kind?: string;
  devices?: { name?: string; containerEdits?: Edits }[];
  containerEdits?: Edits;
}

/** What the named devices ("vendor.com/class=name") add together. Throws when one is not described, or not by what CRI can say. */
export async function editsOf(names: readonly string[], directories = CDI_DIRECTORIES): Promise<ContainerEdits> {
  if (names.length === 0) return NOTHING;
  const known = await specifications(directories);
  const general = new Set<Edits>();
  const own: Edits[] = [];
  for (const name of names) {
    const found = known.findLast(({ kind, devices = [] }) => devices.some((one) => `${kind}=${one.name}` === name));
    if (!found) throw new Error(`unresolvable CDI device ${name}`);
    if (found.containerEdits) general.add(found.containerEdits);
    const device = found.devices!.findLast((one) => `${found.kind}=${one.name}` === name)!;
    if (device.containerEdits) own.push(device.containerEdits);
  }
  const all = [...general, ...own];
  all.forEach(refuseUnsupported);
  return {
    ...NOTHING,
    environment: all.flatMap(({ env = [] }) => env.map(splitVariable)),
    devices: all.flatMap(({ deviceNodes = [] }) => deviceNodes.map(deviceNode)),
    mounts: all.flatMap(({ mounts = [] }) => mounts.map(mount)),
  };
}

/** The older runtimes' CRI has no words for these. */
function refuseUnsupported({ hooks, additionalGids, intelRdt, netDevices }: Edits): void {
  const asked = Object.entries({ hooks, additionalGids, intelRdt, netDevices }).find(
    ([, value]) => value !== undefined && (!Array.isArray(value) || value.length > 0),
  );
  if (asked) throw new Error(`CDI devices with ${asked[0]} need a container runtime that knows CDI (containerd 1.7)`);
}

async function specifications(directories: readonly string[]): Promise<Specification[]> {
  const all: Specification[] = [];
  for (const directory of directories) {
    const names = await readdir(directory).catch(() => []); // most nodes have none
    for (const name of names.filter((one) => /\.(json|ya?ml)$/.test(one)).sort()) {
      all.push(parseYaml(await readFile(join(directory, name), "utf8")) as Specification);
    }
  }
  return all;
}

function splitVariable(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

const deviceNode = ({ path = "", hostPath, permissions }: NonNullable<Edits["deviceNodes"]>[number]): Device => ({
  containerPath: path,
  hostPath: hostPath || path,
  permissions: permissions || "rwm",
});

const mount = ({ hostPath = "", containerPath = "", options = [] }: NonNullable<Edits["mounts"]>[number]): Mount => ({
  hostPath,
  containerPath,
  readonly: options.includes("ro"),
  propagation: options.includes("rshared")
    ? "PROPAGATION_BIDIRECTIONAL"
    : options.includes("rslave")
      ? "PROPAGATION_HOST_TO_CONTAINER"
      : "PROPAGATION_PRIVATE",
});

/** containerd before 1.7 passes over the names of devices that it is told. */
export function runtimeKnowsCdi({ runtimeName, runtimeVersion }: Version): boolean {
  if (runtimeName !== "containerd") return true;
  const [major = 0, minor = 0] = runtimeVersion.replace(/^v/, "").split(".").map(Number);
  return major > 1 || (major === 1 && minor >= 7);
}
