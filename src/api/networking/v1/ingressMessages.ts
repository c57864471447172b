import { type Infer, inline, int32, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { TypedLocalObjectReference } from "../../core/v1/references.ts";

export const ServiceBackendPort = message(
  "io.k8s.api.networking.v1.ServiceBackendPort",
  {
    name: string(1).doc("The port's name; excludes number."),
    number: int32(2).doc("The port's number; excludes name."),
  },
  { doc: "A port of a Service, by name or number.", mapType: "atomic" },
);
export interface ServiceBackendPort extends Infer<typeof ServiceBackendPort> {}

export const IngressServiceBackend = message(
  "io.k8s.api.networking.v1.IngressServiceBackend",
  {
    name: string(1).always.required.doc("The Service's name, in the Ingress's namespace."),
    port: struct(2, ServiceBackendPort).doc("Its port."),
  },
  { doc: "A port of a Service." },
);
export interface IngressServiceBackend extends Infer<typeof IngressServiceBackend> {}

export const IngressBackend = message(
  "io.k8s.api.networking.v1.IngressBackend",
  {
    resource: struct(3, TypedLocalObjectReference).optional.doc("Another object of the namespace; excludes service."),
    service: struct(4, IngressServiceBackend).optional.doc("A Service; excludes resource."),
  },
  { doc: "Where requests go." },
);
export interface IngressBackend extends Infer<typeof IngressBackend> {}

export const HTTPIngressPath = message(
  "io.k8s.api.networking.v1.HTTPIngressPath",
  {
    path: string(1).doc("What a request's path is held against; begins with a slash."),
    pathType: string(3)
      .named("PathType")
      .optional.required.doc("Exact; Prefix: by whole segments; ImplementationSpecific: as the controller likes."),
    backend: struct(2, IngressBackend).required.doc("Where matching requests go."),
  },
  { doc: "A path and where its requests go." },
);
export interface HTTPIngressPath extends Infer<typeof HTTPIngressPath> {}

export const HTTPIngressRuleValue = message(
  "io.k8s.api.networking.v1.HTTPIngressRuleValue",
  { paths: list(1, HTTPIngressPath).always.required.atomicList.doc("The paths.") },
  { doc: "Where HTTP requests for a host go, by path." },
);
export interface HTTPIngressRuleValue extends Infer<typeof HTTPIngressRuleValue> {}

export const IngressRuleValue = message(
  "io.k8s.api.networking.v1.IngressRuleValue",
  { http: struct(1, HTTPIngressRuleValue).optional.doc("Where its HTTP requests go.") },
  { doc: "Where requests for a host go." },
);
export interface IngressRuleValue extends Infer<typeof IngressRuleValue> {}

export const IngressRule = message(
  "io.k8s.api.networking.v1.IngressRule",
  {
    host: string(1).doc("A host's name, or *. and a domain for all hosts one label below it. Absent: every host."),
    ingressRuleValue: inline(2, IngressRuleValue).doc("Where its requests go."),
  },
  { doc: "A host, and where requests for it go." },
);
export interface IngressRule extends Infer<typeof IngressRule> {}

export const IngressTLS = message(
  "io.k8s.api.networking.v1.IngressTLS",
  {
    hosts: list(1, "string").atomicList.doc("The hosts of the certificate."),
    secretName: string(2).doc("The Secret that holds the certificate and its key."),
  },
  { doc: "A certificate for some hosts." },
);
export interface IngressTLS extends Infer<typeof IngressTLS> {}

export const IngressSpec = message(
  "io.k8s.api.networking.v1.IngressSpec",
  {
    ingressClassName: string(4).optional.doc("The IngressClass, hence the controller, that serves it."),
    defaultBackend: struct(1, IngressBackend).optional.doc("Where requests go that no rule matches."),
    tls: list(2, IngressTLS).atomicList.doc("Certificates, by host."),
    rules: list(3, IngressRule).atomicList.doc("Where requests go, by host and path."),
  },
  { doc: "Where requests go." },
);
export interface IngressSpec extends Infer<typeof IngressSpec> {}

export const IngressPortStatus = message(
  "io.k8s.api.networking.v1.IngressPortStatus",
  {
    port: int32(1).always.required.doc("The port."),
    protocol: string(2).named("Protocol").always.required.doc("TCP, UDP or SCTP."),
    error: string(3).optional.doc("What is wrong with it, in a word."),
  },
  { doc: "How a port fares." },
);
export interface IngressPortStatus extends Infer<typeof IngressPortStatus> {}

export const IngressLoadBalancerIngress = message(
  "io.k8s.api.networking.v1.IngressLoadBalancerIngress",
  {
    ip: string(1).doc("Its address, if it has one."),
    hostname: string(2).doc("Its DNS name, if it has one."),
    ports: list(4, IngressPortStatus).atomicList.doc("How each port fares."),
  },
  { doc: "One way in." },
);
export interface IngressLoadBalancerIngress extends Infer<typeof IngressLoadBalancerIngress> {}

export const IngressLoadBalancerStatus = message(
  "io.k8s.api.networking.v1.IngressLoadBalancerStatus",
  { ingress: list(1, IngressLoadBalancerIngress).atomicList.doc("The ways in.") },
  { doc: "How an Ingress is reached." },
);
export interface IngressLoadBalancerStatus extends Infer<typeof IngressLoadBalancerStatus> {}

export const IngressStatus = message(
  "io.k8s.api.networking.v1.IngressStatus",
  { loadBalancer: struct(1, IngressLoadBalancerStatus).doc("How it is reached.") },
  { doc: "What its controller made of it." },
);
export interface IngressStatus extends Infer<typeof IngressStatus> {}
