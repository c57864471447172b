import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { DeploymentSpec, DeploymentStatus } from "./messages.ts";

export const DeploymentSchema = message("io.k8s.api.apps.v1.Deployment", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, DeploymentSpec),
  status: struct(3, DeploymentStatus),
});
export interface Deployment extends Infer<typeof DeploymentSchema> {}

export const Deployment = defineKind<Deployment>({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  shortNames: ["deploy"],
  categories: ["all"],
  scope: "Namespaced",
  schema: DeploymentSchema,
  status: true,
  scale: { specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", selector: ".spec.selector" },
  columns: [],
});
