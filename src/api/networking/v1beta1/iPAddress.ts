import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { IPAddress as Stored } from "../v1/iPAddress.ts";
import { asV1, asV1beta1 } from "./conversion.ts";

const ParentReference = message(
  "io.k8s.api.networking.v1beta1.ParentReference",
  {
    group: string(1).doc("The object's API group."),
    resource: string(2).always.required.doc("The object's resource, such as services."),
    namespace: string(3).doc("The object's namespace."),
    name: string(4).always.required.doc("The object's name."),
  },
  { doc: "Names the object that holds an address." },
);

const IPAddressSpec = message(
  "io.k8s.api.networking.v1beta1.IPAddressSpec",
  { parentRef: struct(1, ParentReference).optional.required.doc("Who holds the address. Cannot be changed.") },
  { doc: "Who holds an address." },
);

export const IPAddressSchema = message(
  "io.k8s.api.networking.v1beta1.IPAddress",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself; the name is the address."),
    spec: struct(2, IPAddressSpec).required.doc("Who holds it."),
  },
  { doc: "An address that is taken, as clients older than v1 know it." },
);
export interface IPAddress extends Infer<typeof IPAddressSchema> {}

export const IPAddress = defineKind<IPAddress>({
  ...(Stored as never as Parameters<typeof defineKind<IPAddress>>[0]),
  version: "v1beta1",
  schema: IPAddressSchema,
  storedAs: { kind: Stored as never, to: asV1, from: (stored) => asV1beta1(stored) as IPAddress },
});
