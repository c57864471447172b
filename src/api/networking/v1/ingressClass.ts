import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { type IngressClassParametersReference, IngressClassSpec } from "./ingressClassMessages.ts";
import { validateIngressClass, validateIngressClassUpdate } from "./ingressClassValidation.ts";

export const IngressClassSchema = message(
  "io.k8s.api.networking.v1.IngressClass",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, IngressClassSpec).doc("Who serves it."),
  },
  { doc: "A class of Ingresses: all that one controller serves in one way." },
);
export interface IngressClass extends Infer<typeof IngressClassSchema> {}

/** Set to "true" on the class of Ingresses that name none. */
export const DEFAULT_INGRESS_CLASS = "ingressclass.kubernetes.io/is-default-class";

export const IngressClass = defineKind<IngressClass>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "IngressClass",
  plural: "ingressclasses",
  scope: "Cluster",
  schema: IngressClassSchema,
  generation: ["spec"],
  defaults({ spec: { parameters } }) {
    if (parameters) parameters.scope ??= "Cluster";
  },
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
  columns: [
    nameColumn(),
    {
      name: "Controller",
      type: "string",
      description: "The controller that serves the class.",
      value: ({ spec }) => spec.controller ?? "",
    },
    {
      name: "Parameters",
      type: "string",
      description: "Where that controller finds its settings.",
      value: ({ spec }) => (spec.parameters ? shown(spec.parameters) : "<none>"),
    },
    ageColumn(),
  ],
});

function shown({ kind, apiGroup, name }: IngressClassParametersReference): string {
  return `${apiGroup === undefined ? kind : `${kind}.${apiGroup}`}/${name}`;
}
