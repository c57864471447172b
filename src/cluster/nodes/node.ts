import { fileURLToPath } from "node:url";
import {
  type ClusterConfig,
  clusterNetwork,
  clusterPaths,
  type NodeCapacity,
  type NodePaths,
  workerPaths,
} from "../layout.ts";
import { inMachine, type Machine } from "../machines/machines.ts";

/** A node of the cluster as seen from this host: where its files are, and how its processes are started. */
export interface ClusterNode {
  name: string;
  address: string;
  /** of clusters with both IP families */
  ipv6?: string;
  paths: NodePaths;
  /** the names of its supervised processes */
  components: { containerd: string; node: string };
  kubeletPort: number;
  cgroup: string;
  /** the folder of its keys */
  pki: string;
  labels: Readonly<Record<string, string>>;
  /** what it has of this host, where it is less than all */
  capacity: NodeCapacity;
  /** the control groups of its own processes, where usage is counted; a machine that is one node needs none */
  groups?: { kubelet: string; runtime: string; controlPlane: string };
  /** the API server as this node reaches it */
  server: string;
  /** a command line that runs on the node, in one of its groups */
  enter(command: readonly string[], group?: keyof NonNullable<ClusterNode["groups"]>): string[];
}

/** The port of a kubelet that has a machine to itself. */
const KUBELET_PORT = 10250;

/** The first node: this host. */
export function hostNode(config: ClusterConfig): ClusterNode {
  const network = clusterNetwork(config.name, config.index);
  const paths = clusterPaths(config.name);
  const groups = config.joined ? undefined : groupsBelow(network.cgroup);
  return {
    name: config.nodeName,
    address: config.nodeIP,
    ...(config.dualStack && !config.joined ? { ipv6: network.ipv6.machines.gateway } : {}),
    paths,
    components: { containerd: "containerd", node: "node" },
    kubeletPort: network.kubeletPort,
    cgroup: network.cgroup,
    pki: paths.pki,
    labels: config.joined?.labels ?? {},
    capacity: config.capacity ?? {},
    ...(groups && { groups }),
    server: config.joined?.server ?? `https://127.0.0.1:${network.apiPort}`,
    enter: (command, group) => inGroup(groups && group && groups[group], command),
  };
}

/** A node on a machine of its own. */
export function workerNode(config: ClusterConfig, machine: Machine): ClusterNode {
  const network = clusterNetwork(config.name, config.index);
  const { name, address, ipv6 } = machine;
  const paths = workerPaths(config.name, name);
  const { mount, uts } = namespaceFiles(paths);
  const record = config.nodes?.find((node) => node.name === name);
  const cgroup = workerCgroup(network.cgroup, name);
  const groups = groupsBelow(cgroup);
  return {
    name,
    address,
    ...(ipv6 && { ipv6 }),
    paths,
    components: workerComponents(name),
    kubeletPort: KUBELET_PORT,
    cgroup,
    groups,
    pki: `${clusterPaths(config.name).pki}/nodes/${name}`,
    labels: record?.labels ?? {},
    capacity: { ...config.capacity, ...record?.capacity },
    server: `https://${network.machines.gateway}:${network.apiPort}`,
    enter(command, group) {
      const [program, net] = inMachine(machine, []);
      return inGroup(group && groups[group], [program!, net!, `--mount=${mount}`, `--uts=${uts}`, "--", ...command]);
    },
  };
}

const GROUP_SCRIPT = fileURLToPath(new URL("inGroup.sh", import.meta.url));

const inGroup = (group: string | undefined, command: readonly string[]): string[] =>
  group === undefined ? [...command] : ["/bin/sh", GROUP_SCRIPT, group, ...command];

const groupsBelow = (cgroup: string) => ({
  kubelet: `${cgroup}/kubelet`,
  runtime: `${cgroup}/runtime`,
  controlPlane: `${cgroup}/control-plane`,
});

export function workerComponents(name: string): ClusterNode["components"] {
  return { containerd: `containerd-${name}`, node: `node-${name}` };
}

/** Beside the first node's, not below it, where the first node's kubelet would count it as its own. */
export function workerCgroup(cgroup: string, name: string): string {
  return `${cgroup}.${name}`;
}

/** The files on which a worker's mounts and host name are held. */
export function namespaceFiles({ run }: NodePaths): { folder: string; mount: string; uts: string } {
  const folder = `${run}/namespaces`;
  return { folder, mount: `${folder}/mount`, uts: `${folder}/uts` };
}
