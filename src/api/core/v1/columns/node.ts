import type { Column } from "../../../../apimachinery/kind.ts";
import type { NodeLike } from "../validation/node.ts";
import { ageColumn, nameColumn, orNone } from "./shared.ts";

function status({ spec, status }: NodeLike): string {
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  const word = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return spec.unschedulable ? `${word},SchedulingDisabled` : word;
}

const ROLE = "node-role.kubernetes.io/";

function roles({ metadata }: NodeLike): string {
  const names = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE)) return key.slice(ROLE.length) || [];
    return key === "kubernetes.io/role" ? value || [] : [];
  });
  return orNone([...new Set(names)].sort().join(","));
}

const address = (type: string) => (node: NodeLike) =>
  orNone(node.status.addresses?.find((one) => one.type === type)?.address);

const unknown = (text: string | undefined) => text || "<unknown>";

export const nodeColumns: readonly Column<NodeLike>[] = [
  nameColumn,
  {
    name: "Status",
    type: "string",
    description: "Whether the node can run Pods, and whether new ones may come.",
    value: status,
  },
  { name: "Roles", type: "string", description: "What the node is for, by its labels.", value: roles },
  ageColumn,
  {
    name: "Version",
    type: "string",
    description: "The kubelet's version.",
    value: ({ status }) => status.nodeInfo?.kubeletVersion ?? "",
  },
  {
    name: "Internal-IP",
    type: "string",
    priority: 1,
    description: "The node's address within the cluster.",
    value: address("InternalIP"),
  },
  {
    name: "External-IP",
    type: "string",
    priority: 1,
    description: "The node's address for the world outside.",
    value: address("ExternalIP"),
  },
  {
    name: "OS-Image",
    type: "string",
    priority: 1,
    description: "The operating system, as it calls itself.",
    value: ({ status }) => unknown(status.nodeInfo?.osImage),
  },
  {
    name: "Kernel-Version",
    type: "string",
    priority: 1,
    description: "The kernel's version.",
    value: ({ status }) => unknown(status.nodeInfo?.kernelVersion),
  },
  {
    name: "Container-Runtime",
    type: "string",
    priority: 1,
    description: "The container runtime and its version.",
    value: ({ status }) => unknown(status.nodeInfo?.containerRuntimeVersion),
  },
];
