import { bool, type Infer, int32, list, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { ObjectReference } from "../../core/v1/messages.ts";

export const EndpointConditions = message(
  "io.k8s.api.discovery.v1.EndpointConditions",
  {
    ready: bool(1).optional.doc(
      "Whether traffic should go to it. Not set means yes; never set while terminating, unless all are to be published.",
    ),
    serving: bool(2).optional.doc("Whether it could answer, terminating or not. Not set means the same as ready."),
    terminating: bool(3).optional.doc("Whether it is being shut down."),
  },
  { doc: "In what state an endpoint is." },
);
export interface EndpointConditions extends Infer<typeof EndpointConditions> {}

export const ForZone = message(
  "io.k8s.api.discovery.v1.ForZone",
  { name: string(1).always.required.doc("The zone's name.") },
  { doc: "A zone that should use an endpoint." },
);
export interface ForZone extends Infer<typeof ForZone> {}

export const ForNode = message(
  "io.k8s.api.discovery.v1.ForNode",
  { name: string(1).always.required.doc("The Node's name.") },
  { doc: "A Node that should use an endpoint." },
);
export interface ForNode extends Infer<typeof ForNode> {}

export const EndpointHints = message(
  "io.k8s.api.discovery.v1.EndpointHints",
  {
    forZones: list(1, ForZone).atomicList.doc("Zones from which traffic should come here. At most 8."),
    forNodes: list(2, ForNode).atomicList.doc("Nodes from which traffic should come here. At most 8."),
  },
  { doc: "Who should use an endpoint, so that traffic stays near." },
);
export interface EndpointHints extends Infer<typeof EndpointHints> {}

export const Endpoint = message(
  "io.k8s.api.discovery.v1.Endpoint",
  {
    addresses: list(1, "string").always.required.listSet.doc("Addresses of one endpoint; readers use the first."),
    conditions: struct(2, EndpointConditions).doc("Whether it is ready, serving, terminating."),
    hostname: string(3).optional.doc("Its own name below the Service's in DNS."),
    targetRef: struct(4, ObjectReference).optional.doc("The object behind it, usually a Pod."),
    deprecatedTopology: map(5, "string").doc("Left from v1beta1; read-only."),
    nodeName: string(6).optional.doc("The Node where it runs."),
    zone: string(7).optional.doc("The zone where it runs."),
    hints: struct(8, EndpointHints).optional.doc("Who should use it."),
  },
  { doc: "One backend of a Service." },
);
export interface Endpoint extends Infer<typeof Endpoint> {}

export const EndpointPort = message(
  "io.k8s.api.discovery.v1.EndpointPort",
  {
    name: string(1).optional.doc("The Service port's name; unique in the slice."),
    protocol: string(2).named("Protocol").optional.doc("TCP (default), UDP or SCTP."),
    port: int32(3).optional.doc("The port's number."),
    appProtocol: string(4).optional.doc("What is spoken on the port, such as http or kubernetes.io/h2c."),
  },
  { doc: "A port that all endpoints of a slice have.", mapType: "atomic" },
);
export interface EndpointPort extends Infer<typeof EndpointPort> {}
