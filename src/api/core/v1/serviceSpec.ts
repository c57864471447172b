import { Condition } from "../../../apimachinery/meta.ts";
import {
  bool,
  type Infer,
  int32,
  intOrString,
  list,
  map,
  message,
  string,
  struct,
} from "../../../apimachinery/schema.ts";

export const ClientIPConfig = message("io.k8s.api.core.v1.ClientIPConfig", {
  timeoutSeconds: int32(1).optional,
});
export interface ClientIPConfig extends Infer<typeof ClientIPConfig> {}

export const PortStatus = message("io.k8s.api.core.v1.PortStatus", {
  port: int32(1).always.required,
  protocol: string(2).named("Protocol").always.required,
  error: string(3).optional,
});
export interface PortStatus extends Infer<typeof PortStatus> {}

export const LoadBalancerIngress = message("io.k8s.api.core.v1.LoadBalancerIngress", {
  ip: string(1),
  hostname: string(2),
  ipMode: string(3).named("LoadBalancerIPMode").optional,
  ports: list(4, PortStatus).atomicList,
});
export interface LoadBalancerIngress extends Infer<typeof LoadBalancerIngress> {}

export const LoadBalancerStatus = message("io.k8s.api.core.v1.LoadBalancerStatus", {
  ingress: list(1, LoadBalancerIngress).atomicList,
});
export interface LoadBalancerStatus extends Infer<typeof LoadBalancerStatus> {}

export const ServicePort = message("io.k8s.api.core.v1.ServicePort", {
  name: string(1),
  protocol: string(2).named("Protocol").default("TCP"),
  port: int32(3).always.required,
  targetPort: intOrString(4).always,
  nodePort: int32(5),
  appProtocol: string(6).optional,
});
export interface ServicePort extends Infer<typeof ServicePort> {}

export const SessionAffinityConfig = message("io.k8s.api.core.v1.SessionAffinityConfig", {
  clientIP: struct(1, ClientIPConfig).optional,
});
export interface SessionAffinityConfig extends Infer<typeof SessionAffinityConfig> {}

export const ServiceSpec = message("io.k8s.api.core.v1.ServiceSpec", {
  ports: list(1, ServicePort).listMap("port", "protocol").merge("port"),
  selector: map(2, "string").atomicMap,
  clusterIP: string(3),
  type: string(4).named("ServiceType"),
  externalIPs: list(5, "string").atomicList,
  sessionAffinity: string(7).named("ServiceAffinity"),
  loadBalancerIP: string(8),
  loadBalancerSourceRanges: list(9, "string").atomicList,
  externalName: string(10),
  externalTrafficPolicy: string(11).named("ServiceExternalTrafficPolicy"),
  healthCheckNodePort: int32(12),
  publishNotReadyAddresses: bool(13),
  sessionAffinityConfig: struct(14, SessionAffinityConfig).optional,
  ipFamilyPolicy: string(17).named("IPFamilyPolicy").optional,
  clusterIPs: list(18, "string").atomicList,
  ipFamilies: list(19, "string").named("IPFamily").atomicList,
  allocateLoadBalancerNodePorts: bool(20).optional,
  loadBalancerClass: string(21).optional,
  internalTrafficPolicy: string(22).named("ServiceInternalTrafficPolicy").optional,
  trafficDistribution: string(23).optional,
});
export interface ServiceSpec extends Infer<typeof ServiceSpec> {}

export const ServiceStatus = message("io.k8s.api.core.v1.ServiceStatus", {
  loadBalancer: struct(1, LoadBalancerStatus),
  conditions: list(2, Condition).listMap("type").merge("type"),
});
export interface ServiceStatus extends Infer<typeof ServiceStatus> {}
