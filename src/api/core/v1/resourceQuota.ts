import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { ResourceQuotaSpec, ResourceQuotaStatus } from "./resourceQuotaMessages.ts";

export const ResourceQuotaSchema = message("io.k8s.api.core.v1.ResourceQuota", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, ResourceQuotaSpec),
  status: struct(3, ResourceQuotaStatus),
});
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
  columns: [nameColumn(), ageColumn()],
});
