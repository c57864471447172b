import type { Column } from "../../../../apimachinery/kind.ts";
import type { ServicePort } from "../serviceSpec.ts";
import type { ServiceLike } from "../validation/service.ts";
import { ageColumn, formatLabels, nameColumn, orNone } from "./shared.ts";

function externalIP({ spec, status }: ServiceLike): string {
  const given = spec.externalIPs ?? [];
  switch (spec.type) {
    case "ClusterIP":
    case "NodePort":
      return orNone(given.join(","));
    case "LoadBalancer": {
      const ingress = (status.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []);
      return [...[...new Set(ingress)].sort(), ...given].join(",") || "<pending>";
    }
    case "ExternalName":
      return spec.externalName ?? "";
    default:
      return "<unknown>";
  }
}

const portText = ({ port, nodePort, protocol }: ServicePort) =>
  nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;

export const serviceColumns: readonly Column<ServiceLike>[] = [
  nameColumn,
  {
    name: "Type",
    type: "string",
    description: "How the Service is reached: ClusterIP, NodePort, LoadBalancer or ExternalName.",
    value: ({ spec }) => spec.type ?? "",
  },
  {
    name: "Cluster-IP",
    type: "string",
    description: "The Service's address within the cluster.",
    value: ({ spec }) => orNone(spec.clusterIPs?.[0] ?? spec.clusterIP),
  },
  {
    name: "External-IP",
    type: "string",
    description: "Where the Service is reached from outside.",
    value: externalIP,
  },
  {
    name: "Port(s)",
    type: "string",
    description: "The ports on which the Service answers, each with its port on the nodes and its protocol.",
    value: ({ spec }) => orNone(spec.ports?.map(portText).join(",")),
  },
  ageColumn,
  {
    name: "Selector",
    type: "string",
    priority: 1,
    description: "The labels of the Pods that serve.",
    value: ({ spec }) => formatLabels(spec.selector),
  },
];
