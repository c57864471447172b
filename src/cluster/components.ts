import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { type ClusterConfig, clusterNetwork, clusterPaths } from "./layout.ts";
import type { SupervisedComponent } from "./supervisor.ts";

const MAIN = fileURLToPath(new URL("../cmd/cox.ts", import.meta.url));

/** Kubernetes' default range. */
const NODE_PORTS = "30000-32767";

/** The order of starting; stopping goes the other way. */
export const COMPONENTS = ["containerd", "server", "node"] as const;
export type ComponentName = (typeof COMPONENTS)[number];

/** Which process has the part of this name, so that `cox logs kubelet` finds its log. */
export function componentOf(part: string): ComponentName | undefined {
  const parts: Record<ComponentName, string[]> = {
    containerd: ["containerd", "runtime"],
    server: ["server", "apiserver", "controller-manager", "scheduler"],
    node: ["node", "kubelet", "proxy", "dns"],
  };
  return COMPONENTS.find((component) => parts[component].includes(part.replace(/^kube-/, "")));
}

function containerd(config: ClusterConfig, program: string): SupervisedComponent {
  const paths = clusterPaths(config.name);
  return { component: "containerd", command: [program, "--config", paths.containerdConfig, "--log-level", "warn"] };
}

/** API server, controllers and scheduler in one process. */
function server(config: ClusterConfig): SupervisedComponent {
  const paths = clusterPaths(config.name);
  const network = clusterNetwork(config.name, config.index);
  const pki = (file: string) => `${paths.pki}/${file}`;
  return cox("server", {
    "data-dir": paths.store,
    "bind-address": "0.0.0.0",
    "secure-port": network.apiPort,
    "advertise-address": config.nodeIP,
    "client-ca-file": pki("ca.crt"),
    "tls-cert-file": pki("apiserver.crt"),
    "tls-private-key-file": pki("apiserver.key"),
    "kubelet-certificate-authority": pki("ca.crt"),
    "kubelet-client-certificate": pki("apiserver-kubelet-client.crt"),
    "kubelet-client-key": pki("apiserver-kubelet-client.key"),
    "service-account-issuer": `https://kubernetes.default.svc.${network.clusterDomain}`,
    "service-account-key-file": pki("sa.pub"),
    "service-account-signing-key-file": pki("sa.key"),
    "service-cluster-ip-range": network.serviceCIDR,
    "service-node-port-range": NODE_PORTS,
    "root-ca-file": pki("ca.crt"),
    "cluster-cidr": network.podCIDR,
    "node-cidr-mask-size": 24,
  });
}

/** Kubelet, proxy and DNS in one process. */
function node(config: ClusterConfig, cniBin: string): SupervisedComponent {
  const paths = clusterPaths(config.name);
  const network = clusterNetwork(config.name, config.index);
  return cox("node", {
    kubeconfig: paths.kubeconfig("kubelet"),
    "proxy-kubeconfig": paths.kubeconfig("kube-proxy"),
    "hostname-override": config.nodeName,
    "node-ip": config.nodeIP,
    "container-runtime-endpoint": `unix://${paths.socket}`,
    "root-dir": paths.kubelet,
    "pod-logs-dir": paths.podLogs,
    "cni-conf-dir": paths.cniConfig,
    "cni-bin-dir": cniBin,
    "bridge-name": network.bridge,
    "cgroup-root": network.cgroup,
    "cluster-dns": network.dnsIP,
    "cluster-domain": network.clusterDomain,
    "cluster-cidr": network.podCIDR,
    port: network.kubeletPort,
    "tls-cert-file": `${paths.pki}/kubelet.crt`,
    "tls-private-key-file": `${paths.pki}/kubelet.key`,
    "client-ca-file": `${paths.pki}/ca.crt`,
    "nft-table": network.nftTable,
    "dns-port": network.dnsPort,
    "component-logs-dir": paths.logs,
  });
}

/** V8 keeps a small heap small: these processes live long, and memory is part of what a cluster costs. */
const NODE_FLAGS = ["--max-semi-space-size=4", ...(cpus().length <= 2 ? ["--v8-pool-size=2"] : [])];

function cox(component: string, flags: Record<string, string | number>): SupervisedComponent {
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  return { component, command: [process.execPath, ...NODE_FLAGS, MAIN, component, ...args] };
}

export function components(
  config: ClusterConfig,
  host: { containerd: string; cniBin: string },
): Record<ComponentName, SupervisedComponent> {
  return { containerd: containerd(config, host.containerd), server: server(config), node: node(config, host.cniBin) };
}
