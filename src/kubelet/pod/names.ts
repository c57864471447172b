import type { Pod } from "../../api/core/v1/index.ts";

/** The pod's host name and domain, as `hostname`, `subdomain` and the cluster's domain make them. */
export function podHostname(pod: Pod, clusterDomain: string): { hostname: string; domain: string; uts: string } {
  if (pod.spec.hostnameOverride) {
    return { hostname: pod.spec.hostnameOverride, domain: "", uts: pod.spec.hostnameOverride };
  }
  const hostname = truncate(pod.spec.hostname || (pod.metadata.name ?? ""));
  const domain = pod.spec.subdomain ? `${pod.spec.subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}` : "";
  const uts = pod.spec.setHostnameAsFQDN && domain ? `${hostname}.${domain}` : hostname;
  return { hostname, domain, uts };
}

/** The kernel takes at most 63 characters, and a name may not end in a hyphen or a dot. */
const truncate = (name: string) => name.slice(0, 63).replace(/[-.]+$/, "");

/** The folder of a pod's logs below `root`. */
export function podLogDirectory(root: string, pod: Pod): string {
  const { namespace, name, uid } = pod.metadata;
  return `${root}/${namespace}_${name}_${uid}`;
}
export const logPath = (container: string, restartCount: number) => `${container}/${restartCount}.log`;

const HEADER = "# Kubernetes-managed hosts file";

/** The content of a pod's /etc/hosts; `host` is the node's own file, for pods in the node's network. */
export function hostsFile(pod: Pod, podIPs: readonly string[], clusterDomain: string, host?: string): string {
  const lines: string[] = [];
  if (host !== undefined) {
    lines.push(`${HEADER} (host network).`, host.replace(/\n$/, ""));
  } else {
    lines.push(`${HEADER}.`, "127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback");
    lines.push("fe00::0\tip6-localnet", "fe00::0\tip6-mcastprefix", "fe00::1\tip6-allnodes", "fe00::2\tip6-allrouters");
    const { hostname, domain } = podHostname(pod, clusterDomain);
    const names = domain ? `${hostname}.${domain}\t${hostname}` : hostname;
    for (const ip of podIPs) lines.push(`${ip}\t${names}`);
  }
  const aliases = pod.spec.hostAliases ?? [];
  if (aliases.length > 0) lines.push("", "# Entries added by HostAliases.");
  for (const alias of aliases) lines.push(`${alias.ip}\t${(alias.hostnames ?? []).join("\t")}`);
  return `${lines.join("\n")}\n`;
}
