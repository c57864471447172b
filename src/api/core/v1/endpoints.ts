import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { EndpointSubset } from "./messages.ts";

export const EndpointsSchema = message("io.k8s.api.core.v1.Endpoints", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  subsets: list(2, EndpointSubset).atomicList,
});
export interface Endpoints extends Infer<typeof EndpointsSchema> {}

export const Endpoints = defineKind<Endpoints>({
  group: "",
  version: "v1",
  kind: "Endpoints",
  plural: "endpoints",
  shortNames: ["ep"],
  scope: "Namespaced",
  schema: EndpointsSchema,
  columns: [],
});
