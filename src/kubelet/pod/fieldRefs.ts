import type { Container, Pod, ResourceFieldSelector } from "../../api/core/v1/index.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import { allContainers } from "./spec.ts";

/** What the node knows beyond the pod's own object. */
export interface NodeFacts {
  readonly nodeName: string;
  readonly hostIPs: readonly string[];
  readonly podIPs: readonly string[];
  /** allocatable amounts stand in for limits that are not set */
  readonly allocatable: Readonly<Record<string, string>>;
}

/** The value of a `fieldRef`, as the downward API defines it. */
export function fieldValue(pod: Pod, fieldPath: string, facts: NodeFacts): string {
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath);
  if (subscript) return pod.metadata[subscript[1] as "labels" | "annotations"]?.[subscript[2]!] ?? "";
  const value = FIELDS[fieldPath];
  if (!value) throw new Error(`unsupported fieldPath: ${fieldPath}`);
  return value(pod, facts);
}

const FIELDS: Readonly<Record<string, (pod: Pod, facts: NodeFacts) => string>> = {
  "metadata.name": (pod) => pod.metadata.name ?? "",
  "metadata.namespace": (pod) => pod.metadata.namespace ?? "",
  "metadata.uid": (pod) => pod.metadata.uid ?? "",
  "metadata.labels": (pod) => formatMap(pod.metadata.labels),
  "metadata.annotations": (pod) => formatMap(pod.metadata.annotations),
  "spec.nodeName": (_, facts) => facts.nodeName,
  "spec.serviceAccountName": (pod) => pod.spec.serviceAccountName ?? "",
  "status.hostIP": (_, facts) => facts.hostIPs[0] ?? "",
  "status.hostIPs": (_, facts) => facts.hostIPs.join(","),
  "status.podIP": (_, facts) => facts.podIPs[0] ?? "",
  "status.podIPs": (_, facts) => facts.podIPs.join(","),
};

function formatMap(map: Readonly<Record<string, string>> = {}): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join("\n");
}

/** The value of a `resourceFieldRef`: a whole number of divisors, rounded up. */
export function resourceValue(pod: Pod, own: Container, ref: ResourceFieldSelector, facts: NodeFacts): string {
  const container = ref.containerName ? allContainers(pod).find((it) => it.name === ref.containerName) : own;
  if (!container) throw new Error(`container ${ref.containerName} not found`);
  const [kind, name] = splitOnce(ref.resource);
  const { limits, requests } = container.resources ?? {};
  const limit = limits?.[name] ?? facts.allocatable[name] ?? "0";
  const amount = kind === "limits" ? limit : (requests?.[name] ?? "0");
  const divisor = ref.divisor && ref.divisor !== "0" ? ref.divisor : "1";
  return String(Math.ceil(Number(parseQuantity(amount).milli()) / Number(parseQuantity(divisor).milli())));
}

function splitOnce(resource: string): [string, string] {
  const dot = resource.indexOf(".");
  return [resource.slice(0, dot), resource.slice(dot + 1)];
}
