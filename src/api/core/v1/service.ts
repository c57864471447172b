import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ServiceSpec, ServiceStatus } from "./messages.ts";

export const ServiceSchema = message("io.k8s.api.core.v1.Service", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, ServiceSpec),
  status: struct(3, ServiceStatus),
});
export interface Service extends Infer<typeof ServiceSchema> {}

export const Service = defineKind<Service>({
  group: "",
  version: "v1",
  kind: "Service",
  plural: "services",
  shortNames: ["svc"],
  categories: ["all"],
  scope: "Namespaced",
  schema: ServiceSchema,
  status: true,
  subresources: {
    proxy: { kind: "ServiceProxyOptions", verbs: ["create", "delete", "get", "patch", "update"] },
  },
  columns: [],
});
