import { type Infer, int32, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { ObjectReference } from "./references.ts";

export const EndpointAddress = message(
  "io.k8s.api.core.v1.EndpointAddress",
  {
    ip: string(1).always.required.doc("The address; not loopback or link-local."),
    targetRef: struct(2, ObjectReference).optional.doc("The object, such as a Pod, to which the address belongs."),
    hostname: string(3).doc("The name under which DNS knows it."),
    nodeName: string(4).optional.doc("The node on which it is."),
  },
  { doc: "One address behind a Service.", mapType: "atomic" },
);
export interface EndpointAddress extends Infer<typeof EndpointAddress> {}

export const EndpointPort = message(
  "io.k8s.api.core.v1.EndpointPort",
  {
    name: string(1).doc("The name of the Service's port."),
    port: int32(2).always.required.doc("The number."),
    protocol: string(3).named("Protocol").doc("TCP, UDP or SCTP."),
    appProtocol: string(4).optional.doc("The protocol spoken on top, such as kubernetes.io/h2c."),
  },
  { doc: "One port behind a Service.", mapType: "atomic" },
);
export interface EndpointPort extends Infer<typeof EndpointPort> {}

export const EndpointSubset = message(
  "io.k8s.api.core.v1.EndpointSubset",
  {
    addresses: list(1, EndpointAddress).atomicList.doc("Those that serve."),
    notReadyAddresses: list(2, EndpointAddress).atomicList.doc("Those that do not serve yet, or no longer."),
    ports: list(3, EndpointPort).atomicList.doc("Their ports."),
  },
  { doc: "Addresses that have ports in common: each address with each port." },
);
export interface EndpointSubset extends Infer<typeof EndpointSubset> {}
