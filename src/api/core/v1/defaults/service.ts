import type { ServiceSpec, ServiceStatus } from "../serviceSpec.ts";

const AFFINITY_SECONDS = 10800;

/** Whether something outside the cluster can reach the Service. */
export function isExternallyAccessible(spec: ServiceSpec): boolean {
  const external = spec.type === "ClusterIP" && (spec.externalIPs?.length ?? 0) > 0;
  return spec.type === "LoadBalancer" || spec.type === "NodePort" || external;
}

export function serviceDefaults(service: { spec: ServiceSpec; status: ServiceStatus }): void {
  const { spec, status } = service;
  spec.sessionAffinity ||= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP" && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: AFFINITY_SECONDS } };
  }
  spec.type ||= "ClusterIP";
  for (const port of spec.ports ?? []) {
    port.protocol ||= "TCP";
    if (!port.targetPort) port.targetPort = port.port;
  }
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= "Cluster";
  if (["ClusterIP", "NodePort", "LoadBalancer"].includes(spec.type)) spec.internalTrafficPolicy ??= "Cluster";
  if (spec.type !== "LoadBalancer") return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= "VIP";
}
