import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { formatEndpoints } from "./columns/endpoints.ts";
import { ageColumn, nameColumn } from "./columns/shared.ts";
import { EndpointSubset } from "./endpointSubset.ts";
import { validateEndpoints } from "./validation/endpoints.ts";

export const EndpointsSchema = message(
  "io.k8s.api.core.v1.Endpoints",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    subsets: list(2, EndpointSubset).atomicList.doc("The addresses, grouped by the ports they have."),
  },
  { doc: "The addresses behind a Service of the same name; EndpointSlices took its place." },
);
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
