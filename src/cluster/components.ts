import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { type Autoscaling, type ClusterConfig, clusterNetwork, clusterPaths } from "./layout.ts";
import { type ClusterNode, workerComponents } from "./nodes/node.ts";
import type { SupervisedComponent } from "./supervisor.ts";

const MAIN = fileURLToPath(new URL("../cmd/cox.ts", import.meta.url));

/** Kubernetes' default range. */
const NODE_PORTS = "30000-32767";

/** What the first node's machine runs, in the order of starting; stopping goes the other way. */
export const COMPONENTS = ["containerd", "server", "node"] as const;

export const SIMULATED_NODES = "simulated-nodes";
export const AUTOSCALER = "cluster-autoscaler";

/** The components that are to run: those of each node that is not switched off. */
export function expectedComponents(config: ClusterConfig): string[] {
  if (config.joined) return ["containerd", "node"];
  const workers = (config.nodes ?? []).filter(({ stopped }) => !stopped);
  const planes = (config.controlPlanes ?? []).flatMap(({ name }) => [`etcd-${name}`, `server-${name}`]);
  const first = COMPONENTS.flatMap((name) =>
    name === "server" && planes.length > 0 ? [...planes, "balancer"] : [name],
  );
  const simulated = config.simulatedNodes === undefined ? [] : [SIMULATED_NODES];
  const autoscaler = config.autoscale === undefined ? [] : [AUTOSCALER];
  return [
    ...first,
    ...workers.flatMap(({ name }) => Object.values(workerComponents(name))),
    ...simulated,
    ...autoscaler,
  ];
}

const PARTS: Readonly<Record<string, (typeof COMPONENTS)[number]>> = {
  runtime: "containerd",
  apiserver: "server",
  "controller-manager": "server",
  scheduler: "server",
  kubelet: "node",
  proxy: "node",
  dns: "node",
  routes: "node",
};

/** Which process has the part of this name, so that `cox logs kubelet` finds its log. */
export function componentOf(part: string, known: readonly string[] = COMPONENTS): string | undefined {
  if (known.includes(part)) return part;
  const name = part.replace(/^kube-/, "");
  const component = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
  if (component === undefined || known.includes(component)) return component;
  // of several control planes, the first
  return known.find((one) => one.startsWith(`${component}-`));
}

/** The container runtime of a node. */
export function containerd(node: ClusterNode, program: string): SupervisedComponent {
  const command = [program, "--config", node.paths.containerdConfig, "--log-level", "warn"];
  return { component: node.components.containerd, command: node.enter(command, "runtime") };
}

/** API server, controllers and scheduler in one process: on the host with the embedded store, or elsewhere. */
export function server(
  config: ClusterConfig,
  at: { address: string; store: Readonly<Record<string, string>> } = {
    address: config.nodeIP,
    store: config.etcd ?? { "data-dir": clusterPaths(config.name).store },
  },
): SupervisedComponent {
  const paths = clusterPaths(config.name);
  const network = clusterNetwork(config.name, config.index);
  const pki = (file: string) => `${paths.pki}/${file}`;
  const youngHeap = config.simulatedNodes ? LARGE_YOUNG_HEAP : YOUNG_HEAP;
  return cox(
    "server",
    {
      ...at.store,
      "bind-address": "0.0.0.0",
      "secure-port": network.apiPort,
      "advertise-address": at.address,
      "client-ca-file": pki("ca.crt"),
      "tls-cert-file": pki("apiserver.crt"),
      "tls-private-key-file": pki("apiserver.key"),
      "kubelet-certificate-authority": pki("ca.crt"),
      "kubelet-client-certificate": pki("apiserver-kubelet-client.crt"),
      "kubelet-client-key": pki("apiserver-kubelet-client.key"),
      "proxy-client-cert-file": pki("front-proxy-client.crt"),
      "proxy-client-key-file": pki("front-proxy-client.key"),
      "requestheader-client-ca-file": pki("front-proxy-ca.crt"),
      "service-account-issuer": `https://kubernetes.default.svc.${network.clusterDomain}`,
      "service-account-key-file": pki("sa.pub"),
      "service-account-signing-key-file": pki("sa.key"),
      "service-cluster-ip-range": withIPv6(config, network.serviceCIDR, network.ipv6.serviceCIDR),
      "service-node-port-range": NODE_PORTS,
      "root-ca-file": pki("ca.crt"),
      "addons-file": paths.addons,
      "local-disks-dir": paths.disks,
      "local-disk-devices-dir": paths.diskDevices,
      "cluster-signing-cert-file": pki("ca.crt"),
      "cluster-signing-key-file": pki("ca.key"),
      "cluster-cidr": withIPv6(config, network.podCIDR, network.ipv6.podCIDR),
      "node-cidr-mask-size": 24,
      "cloud-provider": "local",
      "local-cluster": config.name,
      "local-balancer-addresses": withIPv6(config, network.balancers, network.ipv6.balancers),
    },
    youngHeap,
  );
}

const withIPv6 = (config: ClusterConfig, ipv4: string, ipv6: string) => (config.dualStack ? `${ipv4},${ipv6}` : ipv4);

/** Kubelet, proxy, DNS and routes of a node in one process. */
export function nodeAgents(config: ClusterConfig, node: ClusterNode, cniBin: string): SupervisedComponent {
  const { paths } = node;
  const network = { ...clusterNetwork(config.name, config.index), ...config.joined };
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
  const isFirst = node.name === config.nodeName;
  const { command } = cox("node-agents", {
    kubeconfig: paths.kubeconfig("kubelet"),
    "hostname-override": node.name,
    "node-ip": node.ipv6 ? `${node.address},${node.ipv6}` : node.address,
    "container-runtime-endpoint": `unix://${paths.socket}`,
    "root-dir": paths.kubelet,
    "pod-logs-dir": paths.podLogs,
    "cni-conf-dir": paths.cniConfig,
    "cni-bin-dir": cniBin,
    "bridge-name": network.bridge,
    "cgroup-root": node.cgroup,
    ...usageCounted(node),
    "cluster-dns": network.dnsIP,
    "cluster-domain": network.clusterDomain,
    "cluster-cidr": withIPv6(config, network.podCIDR, network.ipv6.podCIDR),
    port: node.kubeletPort,
    ...(config.joined ? ownCertificates(config, node) : givenCertificates(node)),
    "client-ca-file": `${clusterPaths(config.name).pki}/ca.crt`,
    "proxy-mode": config.proxyMode ?? "nftables",
    "iptables-prefix": network.chainPrefix,
    "nft-table": network.nftTable,
    "routes-table": network.routes.nftTable,
    "tunnel-name": network.routes.tunnel,
    "forward-chain-prefix": network.routes.chainPrefix,
    ...(isFirst && !config.joined ? { "forward-links": network.machines.bridge } : {}),
    "dns-port": network.dnsPort,
    ...(isFirst && !config.joined ? { "gateway-of": network.machines.cidr } : {}),
    ...(labels.length > 0 ? { "node-labels": labels.join(",") } : {}),
    // the logs of all nodes of this host are in one folder
    ...(isFirst ? { "component-logs-dir": clusterPaths(config.name).logs } : {}),
    ...(isFirst && !config.joined
      ? { "images-port": network.imagesPort, "images-dir": `${paths.containerdRoot}/${CONTENT}` }
      : {}),
  });
  return { component: node.components.node, command: node.enter(command, "kubelet") };
}

/** Where containerd keeps what images are made of, below its root. */
const CONTENT = "io.containerd.content.v1.content/blobs";

/** Nodes share this host: each counts what is its own, and may have less than all of it. */
function usageCounted({ cgroup, groups, capacity }: ClusterNode): Record<string, string> {
  const amounts = Object.entries(capacity).map(([resource, amount]) => `${resource}=${amount}`);
  return {
    ...(groups && { "node-cgroup": cgroup, "kubelet-cgroups": groups.kubelet, "runtime-cgroups": groups.runtime }),
    ...(amounts.length > 0 && { capacity: amounts.join(",") }),
  };
}

/** Where the authority's key is at hand, the node's certificates were made with it. */
function givenCertificates(node: ClusterNode): Record<string, string> {
  return {
    "proxy-kubeconfig": node.paths.kubeconfig("kube-proxy"),
    "tls-cert-file": `${node.pki}/kubelet.crt`,
    "tls-private-key-file": `${node.pki}/kubelet.key`,
  };
}

/** A node that joined asks for its certificates, the first time with its token; and it goes when it is told to. */
function ownCertificates(config: ClusterConfig, node: ClusterNode): Record<string, string> {
  return {
    "bootstrap-kubeconfig": node.paths.kubeconfig("kubelet-bootstrap"),
    "cert-dir": node.pki,
    "leave-as": config.name,
  };
}

/** Nodes that only pretend, all in one process. */
export function simulatedNodes(config: ClusterConfig): SupervisedComponent {
  const kubeconfig = clusterPaths(config.name).kubeconfig("admin");
  return cox(SIMULATED_NODES, { kubeconfig, count: config.simulatedNodes ?? 0 }, LARGE_YOUNG_HEAP);
}

/** What makes nodes for Pods that wait, of at most `max` machines. */
export function clusterAutoscaler(config: ClusterConfig, { min, max, idle }: Autoscaling): SupervisedComponent {
  return cox(AUTOSCALER, {
    kubeconfig: clusterPaths(config.name).kubeconfig(AUTOSCALER),
    "cluster-name": config.name,
    nodes: `${min}:${max}`,
    "scale-down-unneeded-time": `${idle / 1000}s`,
    "scale-down-delay-after-add": `${idle / 1000}s`,
  });
}

/** V8 keeps a small heap small: these processes live long, and memory is part of what a cluster costs. */
const YOUNG_HEAP = 4;
/** With a thousand nodes much is written at a time, and a small one would be collected without end. */
const LARGE_YOUNG_HEAP = 32;

/** A process of our own. */
export function cox(
  component: string,
  flags: Record<string, string | number>,
  youngHeap: number = YOUNG_HEAP,
): SupervisedComponent {
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const runtime = [`--max-semi-space-size=${youngHeap}`, ...(cpus().length <= 2 ? ["--v8-pool-size=2"] : [])];
  return { component, command: [process.execPath, ...runtime, MAIN, component, ...args] };
}
