import type { Taint } from "../api/core/v1/index.ts";
import { DEFAULT_THRESHOLDS, parseThresholds } from "../kubelet/eviction/signals.ts";
import { FlagError, type FlagValues, list, pairs, port } from "./flags.ts";
import type { Connected } from "./remote.ts";
import { version } from "./version.ts";

export const KUBELET_FLAGS = {
  "hostname-override": { description: "name of the node", required: true },
  "node-ip": { description: "addresses of the node, separated by commas", required: true },
  "container-runtime-endpoint": {
    description: "socket of the container runtime",
    default: "unix:///run/containerd/containerd.sock",
  },
  "root-dir": { description: "folder of volumes and what else must outlive a restart", default: "/var/lib/kubelet" },
  "pod-logs-dir": { description: "folder of the containers' logs", default: "/var/log/pods" },
  "cni-conf-dir": { description: "folder in which the network is described to the runtime", default: "/etc/cni/net.d" },
  "cni-bin-dir": { description: "folder of the CNI plugins", default: "/opt/cni/bin" },
  "bridge-name": { description: "link that Pods of the node are joined by", default: "cni0" },
  "cgroup-root": { description: "control group above those of the Pods", default: "/" },
  "cluster-dns": { description: "addresses of the DNS that Pods ask, separated by commas" },
  "cluster-domain": { description: "domain of Services and Pods", default: "cluster.local" },
  address: { description: "address to serve on", default: "0.0.0.0" },
  port: { description: "port to serve on", default: "10250" },
  "tls-cert-file": { description: "certificate of the kubelet's server", required: true },
  "tls-private-key-file": { description: "its key", required: true },
  "client-ca-file": { description: "authority of the clients it serves", required: true },
  "node-labels": { description: "labels to register with, as key=value,…" },
  "register-with-taints": { description: "taints to register with, as key=value:effect,…" },
  "eviction-hard": {
    description: "when Pods are ended for want of room, as signal<quantity,…",
    default: DEFAULT_THRESHOLDS,
  },
  "max-pods": { description: "how many Pods the node takes", default: "110" },
} as const;

export function kubeletOptions(flags: FlagValues<typeof KUBELET_FLAGS>, connected: Connected) {
  return {
    ...connected,
    criEndpoint: flags["container-runtime-endpoint"],
    nodeName: flags["hostname-override"],
    nodeIPs: list(flags["node-ip"]),
    rootDirectory: flags["root-dir"],
    podLogsDirectory: flags["pod-logs-dir"],
    clusterDNS: list(flags["cluster-dns"]),
    clusterDomain: flags["cluster-domain"],
    cgroupRoot: flags["cgroup-root"],
    cniConfigDirectory: flags["cni-conf-dir"],
    cniBinDirectory: flags["cni-bin-dir"],
    bridgeName: flags["bridge-name"],
    server: {
      address: flags.address,
      port: port(flags.port, "port"),
      certFile: flags["tls-cert-file"],
      keyFile: flags["tls-private-key-file"],
      clientCAFile: flags["client-ca-file"],
    },
    labels: pairs(flags["node-labels"], "node-labels"),
    registerWithTaints: list(flags["register-with-taints"]).map(parseTaint),
    evictionHard: evictionHard(flags["eviction-hard"]),
    maxPods: Number(flags["max-pods"]),
    version,
  };
}

function parseTaint(text: string): Taint {
  const match = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(text);
  if (!match) throw new FlagError(`--register-with-taints: "${text}" is not key=value:effect`);
  return { key: match[1]!, value: match[2], effect: match[3]! } as Taint;
}

function evictionHard(text: string): string {
  try {
    parseThresholds(text);
  } catch (error) {
    throw new FlagError(`--eviction-hard: ${(error as Error).message}`);
  }
  return text;
}
