import { type Infer, int32, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { ObjectReference } from "./references.ts";

export const EndpointAddress = message(
  "io.k8s.api.core.v1.EndpointAddress",
  {
    ip: string(1).always.required,
    targetRef: struct(2, ObjectReference).optional,
    hostname: string(3),
    nodeName: string(4).optional,
  },
  { mapType: "atomic" },
);
export interface EndpointAddress extends Infer<typeof EndpointAddress> {}

export const EndpointPort = message(
  "io.k8s.api.core.v1.EndpointPort",
  {
    name: string(1),
    port: int32(2).always.required,
    protocol: string(3).named("Protocol"),
    appProtocol: string(4).optional,
  },
  { mapType: "atomic" },
);
export interface EndpointPort extends Infer<typeof EndpointPort> {}

export const EndpointSubset = message("io.k8s.api.core.v1.EndpointSubset", {
  addresses: list(1, EndpointAddress).atomicList,
  notReadyAddresses: list(2, EndpointAddress).atomicList,
  ports: list(3, EndpointPort).atomicList,
});
export interface EndpointSubset extends Infer<typeof EndpointSubset> {}
