import type { Taint } from "../api/core/v1/index.ts";
import { parseQuantity } from "../apimachinery/quantity.ts";
import { type Client, createClient } from "../client/index.ts";
import { DEFAULT_THRESHOLDS, parseThresholds } from "../kubelet/eviction/signals.ts";
import { CertificateManager, fileStore } from "../kubelet/index.ts";
import { FlagError, type FlagValues, list, pairs, port } from "./flags.ts";
import type { ProcessContext } from "./process.ts";
import { type Connected, connect, type KUBECONFIG_FLAG } from "./remote.ts";
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
  "node-cgroup": {
    description: "control group of all that is the node's, where others share the machine; its usage is the node's",
  },
  "kubelet-cgroups": { description: "control group of the kubelet, to say what it uses" },
  "runtime-cgroups": { description: "control group of the container runtime, to say what it uses" },
  capacity: { description: "what the node has, where that is less than the machine, as cpu=…,memory=…" },
  "kube-reserved": { description: "what Kubernetes' own processes need, as cpu=…,memory=…,ephemeral-storage=…" },
  "system-reserved": { description: "what the rest of the system needs, in the same way" },
  "enforce-node-allocatable": {
    description: "who is held to what that leaves: pods, or none",
    default: "pods",
  },
  "cluster-dns": { description: "addresses of the DNS that Pods ask, separated by commas" },
  "cluster-domain": { description: "domain of Services and Pods", default: "cluster.local" },
  address: { description: "address to serve on", default: "0.0.0.0" },
  port: { description: "port to serve on", default: "10250" },
  "tls-cert-file": { description: "certificate of the kubelet's server; when left out, one is asked for (--cert-dir)" },
  "tls-private-key-file": { description: "its key" },
  "cert-dir": { description: "folder of certificates that are asked for and renewed", default: "/var/lib/kubelet/pki" },
  "bootstrap-kubeconfig": {
    description: "how to reach the API server before there is a certificate; then one is asked for and renewed",
  },
  "client-ca-file": { description: "authority of the clients it serves", required: true },
  "node-labels": { description: "labels to register with, as key=value,…" },
  "register-with-taints": { description: "taints to register with, as key=value:effect,…" },
  "eviction-hard": {
    description: "when Pods are ended for want of room, as signal<quantity,…",
    default: DEFAULT_THRESHOLDS,
  },
  "max-pods": { description: "how many Pods the node takes", default: "110" },
} as const;

/** Certificates that the kubelet asks for and renews, where it is not given files. */
export interface KubeletCertificates {
  client?: CertificateManager;
  serving?: CertificateManager;
}

/**
 * Readies the kubelet's certificates. With a bootstrap kubeconfig this waits until the API server has issued one, if the
 * last is no longer good.
 */
export async function kubeletCertificates(
  flags: FlagValues<typeof KUBELET_FLAGS & typeof KUBECONFIG_FLAG>,
  context: ProcessContext,
): Promise<KubeletCertificates> {
  const { clock, random, signal } = context;
  const logger = context.logger.with({ part: "certificates" });
  const own: { client?: Client } = {};
  const manager = (signer: string, file: string, names?: string[]) =>
    new CertificateManager({
      client: () => own.client!,
      store: fileStore(flags["cert-dir"], file),
      ...{ clock, random, logger, signer, names },
      nodeName: flags["hostname-override"],
    });
  const bootstrap = flags["bootstrap-kubeconfig"];
  const client =
    bootstrap === undefined ? undefined : manager("kubernetes.io/kube-apiserver-client-kubelet", "kubelet-client");
  if (client && bootstrap !== undefined && !(await client.load())) {
    const first = (await connect(bootstrap, "kubelet-bootstrap", context)).transport;
    own.client = createClient(first);
    await client.obtain(signal);
    await first.close();
  }
  own.client = (await connect(flags.kubeconfig, "certificates", context, { credentials: client })).client;
  if (flags["tls-cert-file"] !== undefined) return { client };
  const names = [flags["hostname-override"], ...list(flags["node-ip"])];
  const serving = manager("kubernetes.io/kubelet-serving", "kubelet-server", names);
  await serving.load();
  return { client, serving };
}

/** What runs beside the kubelet to renew its certificates. */
export function renewals({ client, serving }: KubeletCertificates) {
  return {
    ...(client && { "client certificate": (ending: AbortSignal) => client.run(ending) }),
    ...(serving && { "serving certificate": (ending: AbortSignal) => serving.run(ending) }),
  };
}

export function kubeletOptions(
  flags: FlagValues<typeof KUBELET_FLAGS>,
  connected: Connected,
  { serving }: KubeletCertificates,
) {
  return {
    ...connected,
    criEndpoint: flags["container-runtime-endpoint"],
    nodeName: flags["hostname-override"],
    nodeIPs: list(flags["node-ip"]),
    rootDirectory: flags["root-dir"],
    shareMounts: true,
    podLogsDirectory: flags["pod-logs-dir"],
    clusterDNS: list(flags["cluster-dns"]),
    clusterDomain: flags["cluster-domain"],
    cgroupRoot: flags["cgroup-root"],
    nodeCgroup: flags["node-cgroup"],
    systemCgroups: { kubelet: flags["kubelet-cgroups"], runtime: flags["runtime-cgroups"] },
    capacity: capacityOf(flags),
    reserved: reservedOf(flags),
    enforceAllocatable: enforced(flags["enforce-node-allocatable"]),
    cniConfigDirectory: flags["cni-conf-dir"],
    cniBinDirectory: flags["cni-bin-dir"],
    bridgeName: flags["bridge-name"],
    server: {
      address: flags.address,
      port: port(flags.port, "port"),
      certificate: serving ?? { certFile: flags["tls-cert-file"] ?? "", keyFile: flags["tls-private-key-file"] ?? "" },
      clientCAFile: flags["client-ca-file"],
    },
    labels: pairs(flags["node-labels"], "node-labels"),
    registerWithTaints: list(flags["register-with-taints"]).map(parseTaint),
    evictionHard: evictionHard(flags["eviction-hard"]),
    maxPods: Number(flags["max-pods"]),
    version,
  };
}

type KubeletFlags = FlagValues<typeof KUBELET_FLAGS>;

/** The amounts of a flag such as cpu=500m,memory=1Gi, in thousandths. */
function amounts(flags: KubeletFlags, name: "capacity" | "kube-reserved" | "system-reserved", known: string[]) {
  const all = Object.entries(pairs(flags[name], name)).map(([resource, text]) => {
    if (!known.includes(resource)) throw new FlagError(`--${name}: "${resource}" is none of ${known.join(", ")}`);
    const milli = milliOf(text);
    if (milli === undefined) throw new FlagError(`--${name}: "${text}" is no amount of ${resource}`);
    return [resource, milli] as const;
  });
  return Object.fromEntries(all) as Record<string, number | undefined>;
}

function milliOf(text: string): number | undefined {
  try {
    const milli = Number(parseQuantity(text).milli());
    return milli < 0 ? undefined : milli;
  } catch {
    return undefined; // not a quantity
  }
}

function capacityOf(flags: KubeletFlags) {
  const { cpu, memory } = amounts(flags, "capacity", ["cpu", "memory"]);
  return { ...(cpu !== undefined && { cpus: cpu / 1000 }), ...(memory !== undefined && { memory: memory / 1000 }) };
}

function reservedOf(flags: KubeletFlags) {
  const known = ["cpu", "memory", "ephemeral-storage"];
  const both = (["kube-reserved", "system-reserved"] as const).map((name) => amounts(flags, name, known));
  const sum = (resource: string) => both.reduce((total, it) => total + (it[resource] ?? 0), 0);
  return { milliCpu: sum("cpu"), memory: sum("memory") / 1000, disk: sum("ephemeral-storage") / 1000 };
}

function enforced(text: string): boolean {
  if (text !== "pods" && text !== "none" && text !== "")
    throw new FlagError(`--enforce-node-allocatable: "${text}" is neither pods nor none`);
  return text === "pods";
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
