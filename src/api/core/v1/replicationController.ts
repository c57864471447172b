import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { ReplicationControllerSpec, ReplicationControllerStatus } from "./replicationControllerMessages.ts";

export const ReplicationControllerSchema = message("io.k8s.api.core.v1.ReplicationController", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, ReplicationControllerSpec),
  status: struct(3, ReplicationControllerStatus),
});
export interface ReplicationController extends Infer<typeof ReplicationControllerSchema> {}

export const ReplicationController = defineKind<ReplicationController>({
  group: "",
  version: "v1",
  kind: "ReplicationController",
  plural: "replicationcontrollers",
  shortNames: ["rc"],
  categories: ["all"],
  scope: "Namespaced",
  schema: ReplicationControllerSchema,
  status: true,
  scale: { specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", selector: ".spec.selector" },
  generation: ["spec"],
  columns: [nameColumn(), ageColumn()],
});
