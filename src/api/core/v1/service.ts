import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { labelName } from "../../../apimachinery/validation/names.ts";
import { serviceColumns } from "./columns/service.ts";
import { serviceDefaults } from "./defaults/service.ts";
import { ServiceSpec, ServiceStatus } from "./serviceSpec.ts";
import { validateService } from "./validation/service.ts";
import { validateServiceStatusUpdate, validateServiceUpdate } from "./validation/serviceUpdate.ts";
import { serviceWarnings } from "./warnings/service.ts";

export const ServiceSchema = message(
  "io.k8s.api.core.v1.Service",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, ServiceSpec).doc("What is wanted of it."),
    status: struct(3, ServiceStatus).doc("What is known of it."),
  },
  { doc: "One name and address for a changing set of Pods." },
);
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
  columns: serviceColumns,
  defaults: serviceDefaults,
  validateName: labelName,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatusUpdate,
  warnings: serviceWarnings,
  selectableFields: {
    "spec.clusterIP": ({ spec }) => spec.clusterIP ?? "",
    "spec.type": ({ spec }) => spec.type ?? "",
  },
});
