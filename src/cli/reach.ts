import type { Applied } from "./apply.ts";

interface ServiceLike {
  metadata: { name: string; namespace?: string };
  spec: {
    type?: string;
    clusterIP?: string;
    externalName?: string;
    ports?: { name?: string; port: number; nodePort?: number; protocol?: string }[];
  };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

export interface Reach {
  service: string;
  type: string;
  /** from this machine and others */
  outside: string[];
  /** from inside a Pod */
  inside: string[];
}

/** How to reach each Service among the objects. */
export function reachServices(applied: readonly Applied[], nodeIP: string, clusterDomain: string): Reach[] {
  return applied
    .filter(({ object }) => object.kind === "Service" && object.apiVersion === "v1")
    .map(({ object }) => reach(object as unknown as ServiceLike, nodeIP, clusterDomain));
}

function reach({ metadata, spec, status }: ServiceLike, nodeIP: string, clusterDomain: string): Reach {
  const namespace = metadata.namespace ?? "default";
  const host = `${metadata.name}.${namespace}.svc.${clusterDomain}`;
  const ports = spec.ports ?? [];
  const url = (address: string, port: number, name = "", protocol = "TCP") => {
    if (protocol !== "TCP") return `${protocol.toLowerCase()}://${address}:${port}`;
    if (name.startsWith("https") || port === 443) return `https://${address}${port === 443 ? "" : `:${port}`}`;
    return `http://${address}${port === 80 ? "" : `:${port}`}`;
  };
  const external = (status?.loadBalancer?.ingress ?? []).map((entry) => entry.ip ?? entry.hostname ?? "");
  return {
    service: `${namespace}/${metadata.name}`,
    type: spec.type ?? "ClusterIP",
    outside: [
      ...ports.filter((p) => p.nodePort).map((p) => url(nodeIP, p.nodePort!, p.name, p.protocol)),
      ...external.flatMap((address) => ports.map((p) => url(address, p.port, p.name, p.protocol))),
    ],
    inside:
      spec.type === "ExternalName"
        ? [spec.externalName ?? ""]
        : ports.map((p) => url(host, p.port, p.name, p.protocol)),
  };
}

export function reachLines(reaches: readonly Reach[]): string[] {
  return reaches.flatMap(({ service, type, outside, inside }) => [
    `Service ${service} (${type})`,
    ...outside.map((url) => `  from this machine: ${url}`),
    ...inside.map((url) => `  from a Pod:        ${url}`),
    ...(outside.length === 0 && type === "ClusterIP"
      ? [`  from this machine: cox kubectl -n ${service.replace("/", " port-forward service/")} 8080:${portOf(inside)}`]
      : []),
  ]);
}

function portOf(inside: readonly string[]): string {
  const url = new URL(inside[0] ?? "http://none");
  return url.port || (url.protocol === "https:" ? "443" : "80");
}
