import { bool, type Infer, int32, list, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { ObjectReference } from "../../core/v1/messages.ts";

export const EndpointConditions = message("io.k8s.api.discovery.v1.EndpointConditions", {
  ready: bool(1).optional,
  serving: bool(2).optional,
  terminating: bool(3).optional,
});
export interface EndpointConditions extends Infer<typeof EndpointConditions> {}

export const ForZone = message("io.k8s.api.discovery.v1.ForZone", {
  name: string(1).always.required,
});
export interface ForZone extends Infer<typeof ForZone> {}

export const ForNode = message("io.k8s.api.discovery.v1.ForNode", {
  name: string(1).always.required,
});
export interface ForNode extends Infer<typeof ForNode> {}

export const EndpointHints = message("io.k8s.api.discovery.v1.EndpointHints", {
  forZones: list(1, ForZone).atomicList,
  forNodes: list(2, ForNode).atomicList,
});
export interface EndpointHints extends Infer<typeof EndpointHints> {}

export const Endpoint = message("io.k8s.api.discovery.v1.Endpoint", {
  addresses: list(1, "string").always.required.listSet,
  conditions: struct(2, EndpointConditions).optional,
  hostname: string(3),
  targetRef: struct(4, ObjectReference).optional,
  deprecatedTopology: map(5, "string"),
  nodeName: string(6),
  zone: string(7),
  hints: struct(8, EndpointHints).optional,
});
export interface Endpoint extends Infer<typeof Endpoint> {}

export const EndpointPort = message(
  "io.k8s.api.discovery.v1.EndpointPort",
  {
    name: string(1),
    protocol: string(2),
    port: int32(3),
    appProtocol: string(4).optional,
  },
  { mapType: "atomic" },
);
export interface EndpointPort extends Infer<typeof EndpointPort> {}
