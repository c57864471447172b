import type { Namespace, Pod } from "../../api/core/v1/index.ts";
import type { NetworkPolicy } from "../../api/networking/v1/index.ts";

type Labels = Record<string, string>;

export const namespace = (name: string, labels: Labels = {}): Namespace => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
  spec: {},
  status: {},
});

/** A running Pod with these addresses, separated by commas. */
export function pod(
  name: string,
  addresses: string,
  labels: Labels,
  more: { namespace?: string; nodeName?: string; ports?: Record<string, number>; hostNetwork?: boolean } = {},
): Pod {
  const { namespace = "default", nodeName = "node-a", ports = {}, hostNetwork } = more;
  const podIPs = addresses.split(",").map((ip) => ({ ip }));
  const container = {
    name: "c",
    image: "i",
    ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort, protocol: "TCP" })),
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: { nodeName, hostNetwork, containers: [container] },
    status: { phase: "Running", podIP: podIPs[0]!.ip, podIPs },
  } as Pod;
}

/** With the types that the API server would set. */
export function policy(name: string, namespace: string, spec: Partial<NetworkPolicy["spec"]> | object): NetworkPolicy {
  const given = spec as Partial<NetworkPolicy["spec"]>;
  const policyTypes = given.egress ? ["Ingress", "Egress"] : ["Ingress"];
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace },
    spec: { podSelector: {}, policyTypes, ...given },
  };
}
