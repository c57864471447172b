import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { Endpoint, EndpointPort } from "./messages.ts";

export const EndpointSliceSchema = message("io.k8s.api.discovery.v1.EndpointSlice", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  endpoints: list(2, Endpoint).atomicList,
  ports: list(3, EndpointPort).atomicList,
  addressType: string(4).always.required,
});
export interface EndpointSlice extends Infer<typeof EndpointSliceSchema> {}

export const EndpointSlice = defineKind<EndpointSlice>({
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  plural: "endpointslices",
  scope: "Namespaced",
  schema: EndpointSliceSchema,
  columns: [],
});
