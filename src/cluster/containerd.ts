import { connect } from "node:net";
import type { Clock } from "../util/clock.ts";
import { type NodePaths, PAUSE_IMAGE } from "./layout.ts";
import type { RegistryAuth } from "./registries.ts";

/** A containerd of the cluster's own: its root, state and socket are the cluster's, so it shares nothing with others. */
export function containerdConfig(options: {
  paths: NodePaths;
  cniBin: string;
  runc: string;
  auths: Readonly<Record<string, RegistryAuth>>;
}): string {
  const { paths } = options;
  const cri = `plugins."io.containerd.grpc.v1.cri"`;
  return `# Written by cox; changes are overwritten.
version = 2
root = ${quote(paths.containerdRoot)}
state = ${quote(paths.containerdState)}
disabled_plugins = [${UNUSED_PLUGINS.map((name) => quote(`io.containerd.${name}`)).join(", ")}]

[grpc]
address = ${quote(paths.socket)}

[ttrpc]
address = ${quote(`${paths.socket}.ttrpc`)}

[${cri}]
sandbox_image = ${quote(PAUSE_IMAGE)}
# a machine that may not lower the OOM score of processes (a container, a CI machine) runs Pods all the same
restrict_oom_score_adj = true
# network namespaces are mounted where \`cox down\` finds them
netns_mounts_under_state_dir = true

[${cri}.cni]
bin_dir = ${quote(options.cniBin)}
conf_dir = ${quote(paths.cniConfig)}

[${cri}.containerd]
snapshotter = "overlayfs"
default_runtime_name = "runc"

[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[${cri}.containerd.runtimes.runc.options]
BinaryName = ${quote(options.runc)}
Root = ${quote(paths.runcRoot)}

[${cri}.registry]
config_path = ${quote(paths.registryHosts)}
${Object.entries(options.auths)
  .map(([host, auth]) => authSection(`${cri}.registry.configs.${quote(host)}.auth`, auth))
  .join("")}`;
}

/** Snapshotters and runtimes of other systems: each would be probed at start. */
const UNUSED_PLUGINS = [
  "snapshotter.v1.aufs",
  "snapshotter.v1.btrfs",
  "snapshotter.v1.devmapper",
  "snapshotter.v1.zfs",
  "internal.v1.restart",
  "internal.v1.tracing",
  "tracing.processor.v1.otlp",
];

function authSection(section: string, auth: RegistryAuth): string {
  const lines = Object.entries(auth).map(([key, value]) => `${key} = ${quote(value)}\n`);
  return `\n[${section}]\n${lines.join("")}`;
}

/** A basic TOML string; its escapes are JSON's. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** Resolves as soon as something listens on the Unix socket. */
export async function whenListening(socket: string, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!(await accepts(socket))) await clock.sleep(10, signal);
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
