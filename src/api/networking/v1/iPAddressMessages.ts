import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";

export const ParentReference = message(
  "io.k8s.api.networking.v1.ParentReference",
  {
    group: string(1).doc("The object's API group."),
    resource: string(2).always.required.doc("The object's resource, such as services."),
    namespace: string(3).doc("The object's namespace."),
    name: string(4).always.required.doc("The object's name."),
  },
  { doc: "Names the object that holds an address." },
);
export interface ParentReference extends Infer<typeof ParentReference> {}

export const IPAddressSpec = message(
  "io.k8s.api.networking.v1.IPAddressSpec",
  { parentRef: struct(1, ParentReference).optional.required.doc("Who holds the address. Cannot be changed.") },
  { doc: "Who holds an address." },
);
export interface IPAddressSpec extends Infer<typeof IPAddressSpec> {}
