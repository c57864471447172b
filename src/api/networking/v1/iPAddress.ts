import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { nameColumn } from "../../columns.ts";
import { IPAddressSpec } from "./iPAddressMessages.ts";
import { addressName, validateIPAddress, validateIPAddressUpdate } from "./iPAddressValidation.ts";

export const IPAddressSchema = message(
  "io.k8s.api.networking.v1.IPAddress",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself; the name is the address."),
    spec: struct(2, IPAddressSpec).required.doc("Who holds it."),
  },
  { doc: "An address that is taken: as long as it exists nobody else is given the same." },
);
export interface IPAddress extends Infer<typeof IPAddressSchema> {}

export const IPAddress = defineKind<IPAddress>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "IPAddress",
  plural: "ipaddresses",
  shortNames: ["ip"],
  scope: "Cluster",
  schema: IPAddressSchema,
  validateName: addressName,
  validate: validateIPAddress,
  validateUpdate: validateIPAddressUpdate,
  columns: [
    nameColumn(),
    {
      name: "ParentRef",
      type: "string",
      description: "Who holds the address.",
      value: ({ spec: { parentRef } }) => {
        if (!parentRef) return "<none>";
        const { group, resource, namespace, name } = parentRef;
        return [group ? `${resource}.${group}` : resource, ...(namespace ? [namespace] : []), name].join("/");
      },
    },
  ],
});
