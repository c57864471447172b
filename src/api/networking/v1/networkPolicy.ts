import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { labelSelector } from "../../../apimachinery/selectors.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { NetworkPolicySpec } from "./networkPolicyMessages.ts";
import { validateNetworkPolicy } from "./networkPolicyValidation.ts";

export const NetworkPolicySchema = message(
  "io.k8s.api.networking.v1.NetworkPolicy",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, NetworkPolicySpec).doc("What it allows to whom."),
  },
  { doc: "Restricts the traffic of Pods to what it, or another policy that selects them, allows." },
);
export interface NetworkPolicy extends Infer<typeof NetworkPolicySchema> {}

export const NetworkPolicy = defineKind<NetworkPolicy>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "NetworkPolicy",
  plural: "networkpolicies",
  shortNames: ["netpol"],
  scope: "Namespaced",
  schema: NetworkPolicySchema,
  generation: ["spec"],
  defaults({ spec }) {
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])])
      for (const port of rule.ports ?? []) port.protocol ??= "TCP";
    if ((spec.policyTypes ?? []).length === 0)
      spec.policyTypes = (spec.egress ?? []).length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
  },
  validate: validateNetworkPolicy,
  columns: [
    nameColumn(),
    {
      name: "Pod-Selector",
      type: "string",
      description: "The labels of the Pods to which the policy applies.",
      value: ({ spec }) => labelSelector(spec.podSelector).toString() || "<none>",
    },
    ageColumn(),
  ],
});
