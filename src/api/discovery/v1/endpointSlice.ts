import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { Endpoint, EndpointPort } from "./messages.ts";
import { validateEndpointSlice, validateEndpointSliceUpdate } from "./validation.ts";

export const EndpointSliceSchema = message(
  "io.k8s.api.discovery.v1.EndpointSlice",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    endpoints: list(2, Endpoint).always.atomicList.doc("The endpoints, at most 1000."),
    ports: list(3, EndpointPort).always.atomicList.doc("The ports of each endpoint."),
    addressType: string(4)
      .named("AddressType")
      .always.required.doc("IPv4, IPv6 or FQDN: what the addresses are. Cannot be changed."),
  },
  { doc: "Part of a Service's endpoints: addresses and the ports they share." },
);
export interface EndpointSlice extends Infer<typeof EndpointSliceSchema> {}

/** As many ports and addresses as a table's cell shows. */
const SHOWN = 3;

export const EndpointSlice = defineKind<EndpointSlice>({
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  plural: "endpointslices",
  scope: "Namespaced",
  schema: EndpointSliceSchema,
  generation: ["endpoints", "ports", "addressType", "metadata.labels"],
  defaults({ ports }) {
    for (const port of ports ?? []) {
      port.name ??= "";
      port.protocol ??= "TCP";
    }
  },
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  columns: [
    nameColumn(),
    {
      name: "AddressType",
      type: "string",
      description: "What the addresses are.",
      value: ({ addressType }) => addressType,
    },
    {
      name: "Ports",
      type: "string",
      description: "The ports of each endpoint.",
      value: ({ ports }) =>
        shown((ports ?? []).map(({ port, name }) => (port === undefined ? (name ?? "*") : String(port)))),
    },
    {
      name: "Endpoints",
      type: "string",
      description: "The endpoints' addresses.",
      value: ({ endpoints }) => shown((endpoints ?? []).flatMap(({ addresses }) => addresses ?? [])),
    },
    ageColumn(),
  ],
});

function shown(items: readonly string[]): string {
  const text = items.slice(0, SHOWN).join(",");
  if (items.length > SHOWN) return `${text} + ${items.length - SHOWN} more...`;
  return text === "" ? "<unset>" : text;
}
