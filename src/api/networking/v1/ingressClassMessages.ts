import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";

export const IngressClassParametersReference = message("io.k8s.api.networking.v1.IngressClassParametersReference", {
  apiGroup: string(0),
  kind: string(2).always.required,
  name: string(3).always.required,
  scope: string(4),
  namespace: string(5),
});
export interface IngressClassParametersReference extends Infer<typeof IngressClassParametersReference> {}

export const IngressClassSpec = message("io.k8s.api.networking.v1.IngressClassSpec", {
  controller: string(1),
  parameters: struct(2, IngressClassParametersReference).optional,
});
export interface IngressClassSpec extends Infer<typeof IngressClassSpec> {}
