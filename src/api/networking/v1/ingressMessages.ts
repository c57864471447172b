import { type Infer, int32, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { TypedLocalObjectReference } from "../../core/v1/references.ts";

export const ServiceBackendPort = message(
  "io.k8s.api.networking.v1.ServiceBackendPort",
  {
    name: string(1),
    number: int32(2).optional,
  },
  { mapType: "atomic" },
);
export interface ServiceBackendPort extends Infer<typeof ServiceBackendPort> {}

export const IngressServiceBackend = message("io.k8s.api.networking.v1.IngressServiceBackend", {
  name: string(1).always.required,
  port: struct(2, ServiceBackendPort).optional,
});
export interface IngressServiceBackend extends Infer<typeof IngressServiceBackend> {}

export const IngressBackend = message("io.k8s.api.networking.v1.IngressBackend", {
  resource: struct(3, TypedLocalObjectReference).optional,
  service: struct(4, IngressServiceBackend).optional,
});
export interface IngressBackend extends Infer<typeof IngressBackend> {}

export const HTTPIngressPath = message("io.k8s.api.networking.v1.HTTPIngressPath", {
  path: string(1),
  backend: struct(2, IngressBackend).required,
  pathType: string(3).always.required,
});
export interface HTTPIngressPath extends Infer<typeof HTTPIngressPath> {}

export const HTTPIngressRuleValue = message("io.k8s.api.networking.v1.HTTPIngressRuleValue", {
  paths: list(1, HTTPIngressPath).always.required.atomicList,
});
export interface HTTPIngressRuleValue extends Infer<typeof HTTPIngressRuleValue> {}

export const IngressRule = message("io.k8s.api.networking.v1.IngressRule", {
  http: struct(0, HTTPIngressRuleValue).optional,
  host: string(1),
});
export interface IngressRule extends Infer<typeof IngressRule> {}

export const IngressTLS = message("io.k8s.api.networking.v1.IngressTLS", {
  hosts: list(1, "string").atomicList,
  secretName: string(2),
});
export interface IngressTLS extends Infer<typeof IngressTLS> {}

export const IngressSpec = message("io.k8s.api.networking.v1.IngressSpec", {
  defaultBackend: struct(1, IngressBackend).optional,
  tls: list(2, IngressTLS).atomicList,
  rules: list(3, IngressRule).atomicList,
  ingressClassName: string(4),
});
export interface IngressSpec extends Infer<typeof IngressSpec> {}

export const IngressPortStatus = message("io.k8s.api.networking.v1.IngressPortStatus", {
  port: int32(1).always.required,
  protocol: string(2).always.required,
  error: string(3),
});
export interface IngressPortStatus extends Infer<typeof IngressPortStatus> {}

export const IngressLoadBalancerIngress = message("io.k8s.api.networking.v1.IngressLoadBalancerIngress", {
  ip: string(1),
  hostname: string(2),
  ports: list(4, IngressPortStatus).atomicList,
});
export interface IngressLoadBalancerIngress extends Infer<typeof IngressLoadBalancerIngress> {}

export const IngressLoadBalancerStatus = message("io.k8s.api.networking.v1.IngressLoadBalancerStatus", {
  ingress: list(1, IngressLoadBalancerIngress).atomicList,
});
export interface IngressLoadBalancerStatus extends Infer<typeof IngressLoadBalancerStatus> {}

export const IngressStatus = message("io.k8s.api.networking.v1.IngressStatus", {
  loadBalancer: struct(1, IngressLoadBalancerStatus).optional,
});
export interface IngressStatus extends Infer<typeof IngressStatus> {}
