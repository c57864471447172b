import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { resourceListDefaults } from "./defaults/container.ts";
import { ResourceQuotaSpec, ResourceQuotaStatus } from "./resourceQuotaMessages.ts";
import {
  validateResourceQuota,
  validateResourceQuotaStatusUpdate,
  validateResourceQuotaUpdate,
} from "./validation/resourceQuota.ts";

export const ResourceQuotaSchema = message(
  "io.k8s.api.core.v1.ResourceQuota",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, ResourceQuotaSpec).doc("What is allowed."),
    status: struct(3, ResourceQuotaStatus).doc("What is used."),
  },
  { doc: "Bounds for what all objects of a namespace use together." },
);
export interface ResourceQuota extends Infer<typeof ResourceQuotaSchema> {}

export const ResourceQuota = defineKind<ResourceQuota>({
  group: "",
  version: "v1",
  kind: "ResourceQuota",
  plural: "resourcequotas",
  shortNames: ["quota"],
  scope: "Namespaced",
  schema: ResourceQuotaSchema,
  status: true,
  defaults({ spec, status }) {
    for (const list of [spec.hard, status?.hard, status?.used]) resourceListDefaults(list);
  },
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  validateStatusUpdate: validateResourceQuotaStatusUpdate,
  columns: [
    nameColumn(),
    {
      name: "Request",
      type: "string",
      description: "Used and allowed: requests and counts.",
      value: (quota) => usage(quota, (name) => !name.startsWith("limits.")),
    },
    {
      name: "Limit",
      type: "string",
      description: "Used and allowed: limits.",
      value: (quota) => usage(quota, (name) => name.startsWith("limits.")),
    },
    ageColumn(),
  ],
});

function usage({ status }: ResourceQuota, shown: (name: string) => boolean): string {
  return Object.keys(status?.hard ?? {})
    .filter(shown)
    .sort()
    .map((name) => `${name}: ${status.used?.[name] ?? "0"}/${status.hard?.[name]}`)
    .join(", ");
}
