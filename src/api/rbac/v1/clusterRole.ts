import { root } from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { pathSegmentName } from "../../../apimachinery/validation/names.ts";
import { createdAtColumn, nameColumn } from "../../columns.ts";
import { AggregationRule, PolicyRule } from "./messages.ts";
import { validateAggregation, validateRules } from "./validation.ts";

export const ClusterRoleSchema = message(
  "io.k8s.api.rbac.v1.ClusterRole",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    rules: list(2, PolicyRule).always.atomicList.doc(
      "What the role allows. Written by a controller if there is an aggregationRule.",
    ),
    aggregationRule: struct(3, AggregationRule).optional.doc("Takes the rules from other ClusterRoles."),
  },
  { doc: "What may be done in the whole cluster, or in each namespace where a RoleBinding gives it." },
);
export interface ClusterRole extends Infer<typeof ClusterRoleSchema> {}

export const ClusterRole = defineKind<ClusterRole>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  scope: "Cluster",
  schema: ClusterRoleSchema,
  validateName: pathSegmentName,
  validate: ({ rules, aggregationRule }) => [
    ...validateRules(rules, false, root.child("rules")),
    ...(aggregationRule === undefined ? [] : validateAggregation(aggregationRule, root.child("aggregationRule"))),
  ],
  columns: [nameColumn(), createdAtColumn()],
});
