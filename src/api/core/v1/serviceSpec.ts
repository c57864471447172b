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

export const ClientIPConfig = message(
  "io.k8s.api.core.v1.ClientIPConfig",
  {
    timeoutSeconds: int32(1).optional.doc(
      "Seconds of silence after which a client may reach another Pod; 10800 by default, at most 86400.",
    ),
  },
  { doc: "How long a client stays with the Pod that it reached first." },
);
export interface ClientIPConfig extends Infer<typeof ClientIPConfig> {}

export const PortStatus = message(
  "io.k8s.api.core.v1.PortStatus",
  {
    port: int32(1).always.required.doc("The Service's port."),
    protocol: string(2).named("Protocol").always.required.doc("TCP, UDP or SCTP."),
    error: string(3).optional.doc("What is wrong with it, in a word."),
  },
  { doc: "How a port of a load balancer fares." },
);
export interface PortStatus extends Infer<typeof PortStatus> {}

export const LoadBalancerIngress = message(
  "io.k8s.api.core.v1.LoadBalancerIngress",
  {
    ip: string(1).doc("Its address, if it has one."),
    hostname: string(2).doc("Its DNS name, if it has one."),
    ipMode: string(3)
      .named("LoadBalancerIPMode")
      .optional.doc("VIP: packets keep this address as their destination; Proxy: they do not."),
    ports: list(4, PortStatus).atomicList.doc("How each port fares."),
  },
  { doc: "One way in through a load balancer." },
);
export interface LoadBalancerIngress extends Infer<typeof LoadBalancerIngress> {}

export const LoadBalancerStatus = message(
  "io.k8s.api.core.v1.LoadBalancerStatus",
  {
    ingress: list(1, LoadBalancerIngress).atomicList.doc("The ways in."),
  },
  { doc: "What a load balancer reports." },
);
export interface LoadBalancerStatus extends Infer<typeof LoadBalancerStatus> {}

export const ServicePort = message(
  "io.k8s.api.core.v1.ServicePort",
  {
    name: string(1).doc("The port's name; needed when there are several."),
    protocol: string(2).named("Protocol").default("TCP").doc("TCP, UDP or SCTP."),
    port: int32(3).always.required.doc("The port on which the Service answers."),
    targetPort: intOrString(4).always.doc("The Pods' port, by number or name; as port if absent."),
    nodePort: int32(5).doc("The port of every node that leads here; allocated if absent and needed."),
    appProtocol: string(6).optional.doc("The protocol spoken on top, such as kubernetes.io/h2c."),
  },
  { doc: "One port of a Service." },
);
export interface ServicePort extends Infer<typeof ServicePort> {}

export const SessionAffinityConfig = message(
  "io.k8s.api.core.v1.SessionAffinityConfig",
  {
    clientIP: struct(1, ClientIPConfig).optional.doc("For affinity by client address."),
  },
  { doc: "Settings of session affinity." },
);
export interface SessionAffinityConfig extends Infer<typeof SessionAffinityConfig> {}

export const ServiceSpec = message(
  "io.k8s.api.core.v1.ServiceSpec",
  {
    ports: list(1, ServicePort).listMap("port", "protocol").merge("port").doc("The ports."),
    selector: map(2, "string").atomicMap.doc("Labels of the Pods that serve; absent: others keep its EndpointSlices."),
    clusterIP: string(3).doc("The address within the cluster; None: headless, DNS answers with the Pods' addresses."),
    type: string(4)
      .named("ServiceType")
      .doc("ClusterIP, NodePort, LoadBalancer or ExternalName; each of the first three adds to the one before."),
    externalIPs: list(5, "string").atomicList.doc(
      "Further addresses, not kept by Kubernetes, that nodes accept traffic for.",
    ),
    sessionAffinity: string(7)
      .named("ServiceAffinity")
      .doc("ClientIP: a client stays with its Pod; None: it does not."),
    loadBalancerIP: string(8).doc("An address asked of the load balancer; deprecated."),
    loadBalancerSourceRanges: list(9, "string").atomicList.doc("Clients that the load balancer lets in."),
    externalName: string(10).doc("The DNS name for which the Service stands; for type ExternalName."),
    externalTrafficPolicy: string(11)
      .named("ServiceExternalTrafficPolicy")
      .doc("Local: traffic from outside goes to Pods on the node it reached; Cluster: to any."),
    healthCheckNodePort: int32(12).doc("The node port that tells load balancers whether a node has Pods that serve."),
    publishNotReadyAddresses: bool(13).doc("Whether Pods count that are not ready."),
    sessionAffinityConfig: struct(14, SessionAffinityConfig).optional.doc("Settings of session affinity."),
    ipFamilyPolicy: string(17)
      .named("IPFamilyPolicy")
      .optional.doc("SingleStack, PreferDualStack or RequireDualStack."),
    clusterIPs: list(18, "string").atomicList.doc("The addresses within the cluster, at most one for each IP family."),
    ipFamilies: list(19, "string").named("IPFamily").atomicList.doc("The IP families, in the order of clusterIPs."),
    allocateLoadBalancerNodePorts: bool(20).optional.doc("Whether a LoadBalancer gets node ports."),
    loadBalancerClass: string(21).optional.doc("Which implementation of load balancers is meant; cannot be changed."),
    internalTrafficPolicy: string(22)
      .named("ServiceInternalTrafficPolicy")
      .optional.doc("Local: traffic from within goes to Pods on the same node only; Cluster: to any."),
    trafficDistribution: string(23).optional.doc(
      "A preference among Pods that serve: PreferSameZone or PreferSameNode.",
    ),
  },
  { doc: "How a Service is reached and who serves." },
);
export interface ServiceSpec extends Infer<typeof ServiceSpec> {}

export const ServiceStatus = message(
  "io.k8s.api.core.v1.ServiceStatus",
  {
    loadBalancer: struct(1, LoadBalancerStatus).doc("What its load balancer reports."),
    conditions: list(2, Condition).listMap("type").merge("type").doc("How it fares."),
  },
  { doc: "What is known of a Service." },
);
export interface ServiceStatus extends Infer<typeof ServiceStatus> {}
