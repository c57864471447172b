import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { AggregationRule, PolicyRule } from "./messages.ts";

export const ClusterRoleSchema = message("io.k8s.api.rbac.v1.ClusterRole", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  rules: list(2, PolicyRule).atomicList,
  aggregationRule: struct(3, AggregationRule).optional,
});
export interface ClusterRole extends Infer<typeof ClusterRoleSchema> {}

export const ClusterRole = defineKind<ClusterRole>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  scope: "Cluster",
  schema: ClusterRoleSchema,
  columns: [],
});
