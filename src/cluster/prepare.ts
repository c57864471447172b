import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { ensureClusterPki } from "../pki/clusterPki.ts";
import type { Clock } from "../util/clock.ts";
import { addons } from "./addons.ts";
import { freeIndex, readCluster, updateFile, writeCluster } from "./config.ts";
import { containerdConfig } from "./containerd.ts";
import { planeMachines } from "./controlPlanes/planes.ts";
import { ClusterError } from "./errors.ts";
import { cniFolder, findProgram, hostAddress, hostNodeName } from "./host.ts";
import { joiningAddons } from "./joining/permissions.ts";
import { defaultKubeconfig, type KubeconfigEntry, kubeconfigText, mergeKubeconfig } from "./kubeconfig.ts";
import {
  type ClusterConfig,
  clusterNetwork,
  clusterPaths,
  type KubeconfigUser,
  lentAddress,
  type NodePaths,
} from "./layout.ts";
import { withMachineLock } from "./lock.ts";
import { type ClusterNode, hostNode } from "./nodes/node.ts";
import { type RegistryConfig, readRegistryConfig, registryAuths, writeRegistryHosts } from "./registries.ts";
import { run, tryRun } from "./run.ts";

/** Files a cluster needs before its first process starts. All of it is made once and kept; each call mends what is missing. */

/** The cluster's settings: those it has, or those of a new one on this machine. */
export async function settle(name: string, clock: Clock): Promise<ClusterConfig> {
  // two clusters that begin at the same moment must not find the same index free
  return withMachineLock(clock, async () => {
    const known = await readCluster(name);
    const index = known?.index ?? (await freeIndex());
    const address = await hostAddress();
    const config: ClusterConfig = {
      ...known,
      name,
      index,
      nodeName: known?.nodeName ?? hostNodeName(),
      nodeIP: address ?? lentAddress(index),
      createdAt: known?.createdAt ?? clock.now(),
      ...(address ? { addressIsLent: undefined } : { addressIsLent: true }),
    };
    await writeCluster(config);
    return config;
  });
}

/** Puts the lent address on the loopback link, and lets the kernel forward between Pods and links. */
export async function prepareHost(config: ClusterConfig): Promise<void> {
  if (config.addressIsLent) await tryRun("ip", ["address", "add", `${config.nodeIP}/32`, "dev", "lo"]);
  await tryRun("ip", ["route", "replace", ...balancerRoute(config), "src", config.nodeIP]);
  if (config.dualStack) await prepareIPv6(config);
  if (config.joined?.podCIDR.includes(":")) await forwardIPv6();
  await writeFile("/proc/sys/net/ipv4/ip_forward", "1").catch((error: Error) => {
    throw new ClusterError(`the kernel does not let Pods reach beyond their node: ${error.message}`, {
      hint: "run cox as root, on a machine where /proc/sys is writable",
    });
  });
  // replies between Pods of one bridge must pass the translation of Service addresses; some kernels have it built in
  await writeFile("/proc/sys/net/bridge/bridge-nf-call-iptables", "1").catch(() =>
    tryRun("modprobe", ["br_netfilter"]).catch(() => undefined),
  );
}

/** The node's IPv6 address is the machines' gateway, on the loopback link, too, so that it is there without machines. */
async function prepareIPv6(config: ClusterConfig): Promise<void> {
  const { ipv6 } = clusterNetwork(config.name, config.index);
  await forwardIPv6();
  await tryRun("ip", ["address", "replace", `${ipv6.machines.gateway}/128`, "dev", "lo", "nodad"]);
  await tryRun("ip", ["-6", "route", "replace", ...balancerRoute6(config), "src", ipv6.machines.gateway]);
}

/**
 * Who forwards no longer listens to routers' advertisements, unless it is told to: by them a host may have its default
 * route.
 */
async function forwardIPv6(): Promise<void> {
  const conf = "/proc/sys/net/ipv6/conf";
  for (const link of await readdir(conf).catch(() => [])) {
    const file = `${conf}/${link}/accept_ra`;
    const now = await readFile(file, "utf8").catch(() => ""); // the link went meanwhile
    if (now.trim() === "1") await writeFile(file, "2").catch(() => undefined);
  }
  await writeFile(`${conf}/all/forwarding`, "1").catch((error: Error) => {
    throw new ClusterError(`the kernel does not forward IPv6: ${error.message}`, { hint: "leave out --dual-stack" });
  });
}

/**
 * Packets for load balancers stay on this host: the proxy sends them on to Pods, and those it does not take (a port that
 * no Service has) end at the loopback link, instead of leaving by the default route.
 */
const balancerRoute = ({ name, index }: ClusterConfig) => [clusterNetwork(name, index).balancers, "dev", "lo"];

const balancerRoute6 = ({ name, index }: ClusterConfig) => [
  clusterNetwork(name, index).ipv6.balancers,
  ...["dev", "lo", "metric", "1"],
];

/** What `prepareHost` gave the host's network. */
export async function returnAddresses(config: ClusterConfig): Promise<void> {
  if (config.dualStack) {
    const { gateway } = clusterNetwork(config.name, config.index).ipv6.machines;
    await tryRun("ip", ["-6", "route", "delete", ...balancerRoute6(config)]);
    await tryRun("ip", ["address", "delete", `${gateway}/128`, "dev", "lo"]);
  }
  await tryRun("ip", ["route", "delete", ...balancerRoute(config)]);
  if (config.addressIsLent) await tryRun("ip", ["address", "delete", `${config.nodeIP}/32`, "dev", "lo"]);
}

/** The programs of this host that run containers. */
export interface RuntimePrograms {
  containerd: string;
  runc: string;
  cniBin: string;
}

export async function runtimePrograms(): Promise<RuntimePrograms> {
  const [containerd, runc, cniBin] = await Promise.all([findProgram("containerd"), findProgram("runc"), cniFolder()]);
  return { containerd: containerd ?? "containerd", runc: runc ?? "runc", cniBin };
}

/** Writes the configuration of a node's containerd; answers whether what it reads only at start has changed. */
export async function prepareRuntime(
  config: ClusterConfig,
  paths: NodePaths,
  programs: RuntimePrograms,
): Promise<boolean> {
  const registries = await registryConfig(config);
  const text = containerdConfig({ paths, ...programs, auths: registryAuths(registries) });
  const folders = [paths.run, paths.cniConfig, paths.podLogs, clusterPaths(config.name).logs];
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  await writeRegistryHosts(paths.registryHosts, registries);
  return updateFile(paths.containerdConfig, text, 0o600);
}

async function registryConfig(config: ClusterConfig): Promise<RegistryConfig | undefined> {
  if (config.joined?.images) return imagesOf(config, config.joined.images);
  return config.registryConfig === undefined ? undefined : readRegistryConfig(config.registryConfig);
}

/** A joined machine asks the cluster's first node for each image first, as the node that it is. */
function imagesOf(config: ClusterConfig, url: string): RegistryConfig {
  const { pki } = clusterPaths(config.name);
  const credential = `${pki}/kubelet-client-current.pem`;
  const tls = { ca_file: `${pki}/ca.crt`, cert_file: credential, key_file: credential };
  return { mirrors: { "*": { endpoint: [url] } }, configs: { [new URL(url).host]: { tls } } };
}

/** Keys, certificates and the kubeconfigs made of them; answers which certificate files are new. */
export async function prepareKeys(
  config: ClusterConfig,
  workers: readonly ClusterNode[],
  clock: Clock,
): Promise<string[]> {
  const planes = await planeMachines(config);
  const paths = clusterPaths(config.name);
  const network = clusterNetwork(config.name, config.index);
  const written = await ensureClusterPki({
    directory: paths.pki,
    clock,
    apiserverNames: [
      config.nodeName,
      "localhost",
      network.serviceIP,
      "127.0.0.1",
      config.nodeIP,
      network.machines.gateway,
      ...planes.map(({ address }) => address),
    ],
    clusterDomain: network.clusterDomain,
    nodeName: config.nodeName,
    nodeAddresses: [config.nodeIP, "127.0.0.1", hostname()],
    etcdMembers: planes.map(({ name, address }) => ({ name, addresses: [address] })),
    nodes: workers.map(({ name, address, ipv6 }) => ({
      name,
      addresses: [address, ...(ipv6 ? [ipv6] : []), "127.0.0.1"],
    })),
  });
  const host = hostNode(config);
  const users: KubeconfigUser[] = ["admin", "controller-manager", "scheduler", "cluster-autoscaler", ...NODE_USERS];
  const files = [
    ...users.map((user) => ({ node: host, user })),
    ...workers.flatMap((node) => NODE_USERS.map((user) => ({ node, user }))),
  ];
  await Promise.all(
    files.map(async ({ node, user }) =>
      updateFile(node.paths.kubeconfig(user), kubeconfigText(await entry(config, node, user)), 0o600),
    ),
  );
  return written;
}

/** What the API server is to apply; answers whether that has changed. */
export async function prepareAddons(config: ClusterConfig): Promise<boolean> {
  const paths = clusterPaths(config.name);
  const network = clusterNetwork(config.name, config.index);
  const server = `https://${config.nodeIP}:${network.apiPort}`;
  const images = `https://${config.nodeIP}:${network.imagesPort}`;
  const ca = await readFile(`${paths.pki}/ca.crt`, "utf8");
  // a machine that joins needs to know the Pods' addresses of both families
  const podCIDR = config.dualStack ? `${network.podCIDR},${network.ipv6.podCIDR}` : network.podCIDR;
  const joining = joiningAddons({ cluster: config.name, network: { ...network, podCIDR }, server, ca, images });
  const objects = [...addons(network), ...joining];
  return updateFile(paths.addons, `${JSON.stringify(objects, undefined, 1)}\n`);
}

const NODE_USERS: readonly KubeconfigUser[] = ["kubelet", "kube-proxy"];

async function entry(config: ClusterConfig, node: ClusterNode, user: KubeconfigUser): Promise<KubeconfigEntry> {
  const { pki } = clusterPaths(config.name);
  const file = user === "kubelet" ? `${node.pki}/kubelet-client` : `${pki}/${user}`;
  const read = (path: string) => readFile(path, "utf8");
  const [ca, cert, key] = await Promise.all([read(`${pki}/ca.crt`), read(`${file}.crt`), read(`${file}.key`)]);
  return { name: clusterNetwork(config.name, config.index).context, server: node.server, ca, cert, key };
}

/** Adds the cluster's context to the user's kubeconfig, and remembers where and what was current before. */
export async function shareKubeconfig(config: ClusterConfig, clock: Clock): Promise<ClusterConfig> {
  const file = defaultKubeconfig();
  const { previousContext } = await mergeKubeconfig(file, await entry(config, hostNode(config), "admin"), clock);
  const before = config.kubeconfig?.file === file ? config.kubeconfig.previousContext : undefined;
  const shared: ClusterConfig = { ...config, kubeconfig: { file, previousContext: previousContext ?? before } };
  await writeCluster(shared);
  return shared;
}

/** What is wrong with this machine as a host, beyond missing programs. */
export async function checkHost(): Promise<void> {
  if (process.platform !== "linux")
    throw new ClusterError("a node needs Linux", { hint: "use a Linux machine or a virtual one" });
  if (process.getuid?.() !== 0) {
    throw new ClusterError("containers, networks and mounts are made by root", {
      hint: "run the same command with sudo",
    });
  }
  const filesystems = await readFile("/proc/filesystems", "utf8");
  if (!/\boverlay$/m.test(filesystems)) await run("modprobe", ["overlay"]).catch(() => undefined); // containerd's own check tells
}
