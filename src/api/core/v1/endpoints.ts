import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { formatEndpoints } from "./columns/endpoints.ts";
import { ageColumn, nameColumn } from "./columns/shared.ts";
import { EndpointSubset } from "./endpointSubset.ts";
import { validateEndpoints } from "./validation/endpoints.ts";

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
  columns: [
    nameColumn,
    {
      name: "Endpoints",
      type: "string",
      description: "The addresses and ports that serve.",
      value: ({ subsets }) => formatEndpoints(subsets),
    },
    ageColumn,
  ],
  defaults({ subsets }) {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ||= "TCP";
  },
  validate: validateEndpoints,
  warnings: () => ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"],
});
