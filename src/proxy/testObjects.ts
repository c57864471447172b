import type { Service } from "../api/core/v1/index.ts";
import type { EndpointSlice } from "../api/discovery/v1/index.ts";
import type { NodeInfo } from "./endpoints.ts";

export const testNode: NodeInfo = {
  name: "node-a",
  zone: "z1",
  clusterCIDRs: ["10.244.0.0/16"],
  podCIDRs: ["10.244.0.0/24"],
  bridgeFiltered: true,
};

/** A Service "default/<name>" with one TCP port 80, or as `spec` says. */
export function service(
  name: string,
  spec: Partial<Service["spec"]> = {},
  status: Service["status"] = { loadBalancer: {} },
) {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace: "default", name },
    spec: { type: "ClusterIP", ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: 8080 }], ...spec },
    status,
  } as Service;
}

export interface EndpointState {
  ready?: boolean;
  serving?: boolean;
  terminating?: boolean;
  node?: string;
  zones?: string[];
  nodes?: string[];
}

/** An EndpointSlice for service `name` with these addresses, all ready unless told otherwise. */
export function slice(
  name: string,
  endpoints: Record<string, EndpointState>,
  ports: EndpointSlice["ports"] = [{ name: "http", protocol: "TCP", port: 8080 }],
): EndpointSlice {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { namespace: "default", name: `${name}-1`, labels: { "kubernetes.io/service-name": name } },
    addressType: Object.keys(endpoints)[0]?.includes(":") ? "IPv6" : "IPv4",
    ports,
    endpoints: Object.entries(endpoints).map(([ip, { node, zones, nodes, ready = true, ...state }]) => ({
      addresses: [ip],
      conditions: { ready, ...state },
      nodeName: node,
      ...((zones || nodes) && {
        hints: { forZones: zones?.map((z) => ({ name: z })), forNodes: nodes?.map((n) => ({ name: n })) },
      }),
    })),
  };
}
