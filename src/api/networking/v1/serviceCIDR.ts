import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { ServiceCIDRSpec, ServiceCIDRStatus } from "./serviceCIDRMessages.ts";
import { validateServiceCIDR, validateServiceCIDRUpdate } from "./serviceCIDRValidation.ts";

export const ServiceCIDRSchema = message(
  "io.k8s.api.networking.v1.ServiceCIDR",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, ServiceCIDRSpec).doc("The ranges."),
    status: struct(3, ServiceCIDRStatus).doc("Whether they are in use."),
  },
  { doc: "Ranges from which Services are given their cluster IPs." },
);
export interface ServiceCIDR extends Infer<typeof ServiceCIDRSchema> {}

export const ServiceCIDR = defineKind<ServiceCIDR>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "ServiceCIDR",
  plural: "servicecidrs",
  scope: "Cluster",
  schema: ServiceCIDRSchema,
  status: true,
  validateCreate: validateServiceCIDR,
  validateUpdate: validateServiceCIDRUpdate,
  validateStatusUpdate: () => [],
  columns: [
    nameColumn(),
    {
      name: "CIDRs",
      type: "string",
      description: "The ranges.",
      value: ({ spec }) => (spec.cidrs ?? []).join(","),
    },
    ageColumn(),
  ],
});
