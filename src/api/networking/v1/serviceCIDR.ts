import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { ServiceCIDRSpec, ServiceCIDRStatus } from "./serviceCIDRMessages.ts";

export const ServiceCIDRSchema = message("io.k8s.api.networking.v1.ServiceCIDR", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, ServiceCIDRSpec),
  status: struct(3, ServiceCIDRStatus),
});
export interface ServiceCIDR extends Infer<typeof ServiceCIDRSchema> {}

export const ServiceCIDR = defineKind<ServiceCIDR>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "ServiceCIDR",
  plural: "servicecidrs",
  scope: "Cluster",
  schema: ServiceCIDRSchema,
  status: true,
  columns: [nameColumn(), ageColumn()],
});
