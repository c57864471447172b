import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { type IngressRule, IngressSpec, IngressStatus } from "./ingressMessages.ts";
import { ingressWarnings, validateIngress, validateIngressCreate, validateIngressStatus } from "./ingressValidation.ts";

export const IngressSchema = message(
  "io.k8s.api.networking.v1.Ingress",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, IngressSpec).doc("Where requests go."),
    status: struct(3, IngressStatus).doc("How it is reached."),
  },
  { doc: "Lets requests from outside reach Services, by host and path, through the controller of its class." },
);
export interface Ingress extends Infer<typeof IngressSchema> {}

/** As many hosts as a table's cell shows. */
const SHOWN = 3;

export const Ingress = defineKind<Ingress>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "Ingress",
  plural: "ingresses",
  shortNames: ["ing"],
  scope: "Namespaced",
  schema: IngressSchema,
  status: true,
  generation: ["spec"],
  validate: validateIngress,
  validateCreate: validateIngressCreate,
  validateStatusUpdate: validateIngressStatus,
  warnings: ingressWarnings,
  columns: [
    nameColumn(),
    {
      name: "Class",
      type: "string",
      description: "The class, hence the controller, that serves it.",
      value: ({ metadata, spec }) =>
        spec.ingressClassName ?? metadata.annotations?.["kubernetes.io/ingress.class"] ?? "<none>",
    },
    {
      name: "Hosts",
      type: "string",
      description: "The hosts for which it takes requests.",
      value: ({ spec }) => shownHosts(spec.rules ?? []),
    },
    {
      name: "Address",
      type: "string",
      description: "Where it is reached.",
      value: ({ status }) =>
        [...new Set((status.loadBalancer.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []))]
          .sort()
          .join(","),
    },
    {
      name: "Ports",
      type: "string",
      description: "The ports at which it takes requests.",
      value: ({ spec }) => ((spec.tls ?? []).length > 0 ? "80, 443" : "80"),
    },
    ageColumn(),
  ],
});

function shownHosts(rules: readonly IngressRule[]): string {
  const hosts = rules.flatMap(({ host }) => host || []);
  if (hosts.length === 0) return "*";
  const text = hosts.slice(0, SHOWN).join(",");
  return hosts.length > SHOWN ? `${text} + ${hosts.length - SHOWN} more...` : text;
}
