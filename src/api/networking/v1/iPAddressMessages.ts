import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";

export const ParentReference = message("io.k8s.api.networking.v1.ParentReference", {
  group: string(1),
  resource: string(2).always.required,
  namespace: string(3),
  name: string(4).always.required,
});
export interface ParentReference extends Infer<typeof ParentReference> {}

export const IPAddressSpec = message("io.k8s.api.networking.v1.IPAddressSpec", {
  parentRef: struct(1, ParentReference).required,
});
export interface IPAddressSpec extends Infer<typeof IPAddressSpec> {}
