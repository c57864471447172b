import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ReplicaSetSpec, ReplicaSetStatus } from "./messages.ts";

export const ReplicaSetSchema = message("io.k8s.api.apps.v1.ReplicaSet", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, ReplicaSetSpec),
  status: struct(3, ReplicaSetStatus),
});
export interface ReplicaSet extends Infer<typeof ReplicaSetSchema> {}

export const ReplicaSet = defineKind<ReplicaSet>({
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  shortNames: ["rs"],
  categories: ["all"],
  scope: "Namespaced",
  schema: ReplicaSetSchema,
  status: true,
  scale: { specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", selector: ".spec.selector" },
  columns: [],
});
