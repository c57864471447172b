import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";

export const IngressClassParametersReference = message(
  "io.k8s.api.networking.v1.IngressClassParametersReference",
  {
    apiGroup: string(1).optional.doc("The object's API group; absent: the core group."),
    kind: string(2).always.required.doc("The object's kind."),
    name: string(3).always.required.doc("The object's name."),
    scope: string(4).optional.doc("Cluster (default) or Namespace: where the object is."),
    namespace: string(5).optional.doc("The object's namespace; needed with scope Namespace, forbidden with Cluster."),
  },
  { doc: "Names the object in which a controller finds its settings." },
);
export interface IngressClassParametersReference extends Infer<typeof IngressClassParametersReference> {}

export const IngressClassSpec = message(
  "io.k8s.api.networking.v1.IngressClassSpec",
  {
    controller: string(1).doc("Which controller serves the class, such as acme.io/foo. Cannot be changed."),
    parameters: struct(2, IngressClassParametersReference).optional.doc(
      "Further settings, which that controller knows.",
    ),
  },
  { doc: "Who serves a class of Ingresses." },
);
export interface IngressClassSpec extends Infer<typeof IngressClassSpec> {}
