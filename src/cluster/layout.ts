import { createHash } from "node:crypto";
import { join } from "node:path";

/** What a cluster is, as kept in its state folder's `cluster.json`. Everything else follows from name and index. */
export interface ClusterConfig {
  name: string;
  /** 0 for the first cluster of this machine; keeps ports and address ranges of several apart */
  index: number;
  nodeName: string;
  nodeIP: string;
  /** the address is ours, put on the loopback link because the machine had none of its own */
  addressIsLent?: boolean;
  /** ms since the epoch */
  createdAt: number;
  /** the kubeconfig file that has our context, and the context that was current in it before */
  kubeconfig?: { file: string; previousContext?: string };
  /** what leads Service addresses to Pods; nftables when left out */
  proxyMode?: "nftables" | "iptables";
  /** Pods and Services may have addresses of both IP families; chosen when the cluster is made */
  dualStack?: true;
  /** credentials and mirrors of registries, as given with --registry-config */
  registryConfig?: string;
  /** what each node has of this host, where it is less than all */
  capacity?: NodeCapacity;
  /** the nodes besides the first, which is the host itself */
  nodes?: readonly WorkerRecord[];
  /** the control planes, each on a machine of its own; left out: one, on the host, with the embedded store */
  controlPlanes?: readonly ControlPlaneRecord[];
  /** going back to a snapshot has begun and is not done; the revision that the store had reached before, 0: unknown */
  restoring?: number;
  /** an etcd that others look after, in place of the embedded store; the values are the API server's flags */
  etcd?: Readonly<Record<string, string>>;
  /** how many nodes only pretend (src/simulation) */
  simulatedNodes?: number;
  /** nodes are made for Pods that wait, and go when they are idle */
  autoscale?: Autoscaling;
  /** this machine has but one node, of a cluster whose control plane is elsewhere */
  joined?: JoinedCluster;
}

/** Between how many nodes the autoscaler has, besides those that were asked for, and how long it keeps idle ones (ms). */
export interface Autoscaling {
  min: number;
  max: number;
  idle: number;
}

/** A control plane on a machine of its own (controlPlanes/). */
export interface ControlPlaneRecord {
  name: string;
  /** its etcd member came to a cluster that was running already */
  joined?: true;
}

/** What a joined node knows of its cluster. */
export interface JoinedCluster {
  /** "https://host:port" */
  server: string;
  /** the cluster's name where it was made */
  cluster: string;
  podCIDR: string;
  serviceCIDR: string;
  dnsIP: string;
  clusterDomain: string;
  /** "https://host:port" from which images can be pulled that were built where the cluster was made */
  images?: string;
  labels: Readonly<Record<string, string>>;
}

/** Amounts as Kubernetes writes them, such as "1500m" and "2Gi". */
export interface NodeCapacity {
  cpu?: string;
  memory?: string;
}

/** A node on a machine of its own (machines/). */
export interface WorkerRecord {
  name: string;
  /** labels its Node object gets */
  labels?: Readonly<Record<string, string>>;
  /** what it has of this host, in place of what the cluster's nodes have otherwise */
  capacity?: NodeCapacity;
  /** switched off with `cox node stop` */
  stopped?: true;
}

/** Addresses, ports and kernel names that keep clusters of one machine apart. */
export interface ClusterNetwork {
  apiPort: number;
  kubeletPort: number;
  dnsPort: number;
  /** where joined machines pull images that were built here */
  imagesPort: number;
  podCIDR: string;
  serviceCIDR: string;
  /** the addresses of load balancers */
  balancers: string;
  /** of clusters with both IP families, besides those above; `machines` are the ranges of machines/ and of its gateway */
  ipv6: {
    podCIDR: string;
    serviceCIDR: string;
    balancers: string;
    machines: { cidr: string; prefix: string; gateway: string };
  };
  /** the address of Service default/kubernetes */
  serviceIP: string;
  /** the address of Service kube-system/kube-dns */
  dnsIP: string;
  clusterDomain: string;
  /** a network interface's name has at most 15 characters */
  bridge: string;
  nftTable: string;
  /** what the names of the proxy's iptables chains begin with; they have at most 28 characters */
  chainPrefix: string;
  /** how Pods of one node reach those of another (src/routes) */
  routes: { nftTable: string; tunnel: string; chainPrefix: string };
  /** what joins the cluster's machines (machines/): a bridge on which this host is the gateway */
  machines: { bridge: string; cidr: string; prefix: string; gateway: string; nftTable: string };
  cgroup: string;
  context: string;
}

/** The files of one node. */
export interface NodePaths {
  state: string;
  run: string;
  kubelet: string;
  podLogs: string;
  cniConfig: string;
  containerdConfig: string;
  containerdRoot: string;
  containerdState: string;
  runcRoot: string;
  registryHosts: string;
  socket: string;
  kubeconfig(user: KubeconfigUser): string;
}

/** The files of a cluster, and of its first node. */
export interface ClusterPaths extends NodePaths {
  config: string;
  /** what the API server is to apply when it starts */
  addons: string;
  pki: string;
  logs: string;
  store: string;
  /** the disks that its machines can be given */
  disks: string;
  diskDevices: string;
}

export type KubeconfigUser =
  | "admin"
  | "controller-manager"
  | "scheduler"
  | "cluster-autoscaler"
  | "kubelet"
  | "kubelet-bootstrap"
  | "kube-proxy";

export const CLUSTER_DOMAIN = "cluster.local";
/** The sandbox's image, made by us (see images/pause.ts). */
export const PAUSE_IMAGE = "coxswain.local/pause:1";

/** Where all clusters of this machine live; tests move them elsewhere. */
export function stateRoot(): string {
  return process.env.COXSWAIN_STATE_ROOT ?? "/var/lib/coxswain";
}
export function runRoot(): string {
  return process.env.COXSWAIN_RUN_ROOT ?? "/run/coxswain";
}

export function clusterPaths(name: string): ClusterPaths {
  const state = join(stateRoot(), name);
  const run = join(runRoot(), name);
  return {
    ...pathsOfNode(state, run),
    config: join(state, "cluster.json"),
    addons: join(state, "addons.json"),
    pki: join(state, "pki"),
    logs: join(state, "logs"),
    store: join(state, "store"),
    disks: join(state, "disks"),
    diskDevices: join(run, "disks"),
  };
}

/** The files of a node on a machine of its own. */
export function workerPaths(cluster: string, node: string): NodePaths {
  const { state, run } = clusterPaths(cluster);
  return pathsOfNode(join(state, "nodes", node), join(run, "nodes", node));
}

function pathsOfNode(state: string, run: string): NodePaths {
  return {
    state,
    run,
    kubelet: join(state, "kubelet"),
    podLogs: join(state, "pod-logs"),
    cniConfig: join(state, "cni"),
    containerdConfig: join(state, "containerd.toml"),
    containerdRoot: join(state, "containerd"),
    containerdState: join(run, "containerd"),
    runcRoot: join(run, "runc"),
    registryHosts: join(state, "registries"),
    socket: join(run, "containerd.sock"),
    kubeconfig: (user) => join(state, `${user}.conf`),
  };
}

export function clusterNetwork(name: string, index: number): ClusterNetwork {
  const services = `10.${96 + index}.0`;
  return {
    apiPort: 6443 + 100 * index,
    kubeletPort: 10250 + 100 * index,
    dnsPort: 10053 + 100 * index,
    imagesPort: 10263 + 100 * index,
    podCIDR: `10.${244 - index}.0.0/16`,
    serviceCIDR: `${services}.0/16`,
    balancers: `10.${190 + index}.0.0/16`,
    ipv6: {
      podCIDR: `fd00:10:${244 - index}::/56`,
      serviceCIDR: `fd00:10:${96 + index}::/112`,
      balancers: `fd00:10:${190 + index}::/112`,
      machines: {
        cidr: `fd00:10:${160 + index}::/64`,
        prefix: `fd00:10:${160 + index}::`,
        gateway: `fd00:10:${160 + index}::1`,
      },
    },
    serviceIP: `${services}.1`,
    dnsIP: `${services}.10`,
    clusterDomain: CLUSTER_DOMAIN,
    bridge: bridgeName(name),
    nftTable: `coxswain-${name}`,
    chainPrefix: chainPrefix("CX", name),
    routes: {
      nftTable: `coxswain-${name}.routes`,
      tunnel: linkName(`${name}//`),
      chainPrefix: chainPrefix("CR", name),
    },
    machines: {
      bridge: linkName(`${name}/`),
      cidr: `10.${160 + index}.0.0/16`,
      prefix: `10.${160 + index}.0.`,
      gateway: `10.${160 + index}.0.1`,
      // no cluster's name has a "." in it, so this table is no other cluster's
      nftTable: `coxswain-${name}.machines`,
    },
    cgroup: `/coxswain-${name}`,
    context: `coxswain-${name}`,
  };
}

/** The address for a machine that has none: the last one of the Pods' range, which no node's share contains. */
export function lentAddress(index: number): string {
  return `10.${244 - index}.255.254`;
}

const chainPrefix = (kind: string, name: string) =>
  `${kind}${createHash("sha256").update(name).digest("hex").slice(0, 6).toUpperCase()}`;

function bridgeName(name: string): string {
  return name.length <= 11 ? `cox-${name}` : linkName(name);
}

/** The name of a network link for something with a longer name. */
export function linkName(what: string): string {
  return `cox-${createHash("sha256").update(what).digest("hex").slice(0, 11)}`;
}

/** What is wrong with a cluster's name, or undefined. It becomes part of file, link and table names. */
export function clusterNameProblem(name: string): string | undefined {
  if (/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) return undefined;
  return `"${name}" cannot name a cluster: use up to 40 lower-case letters, digits and "-", not "-" first or last`;
}
