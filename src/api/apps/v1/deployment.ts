import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { nameColumn } from "../../columns.ts";
import { podTemplateDefaults } from "../../core/v1/defaults/pod.ts";
import { DeploymentSpec, DeploymentStatus } from "./deploymentMessages.ts";
import {
  validateDeployment,
  validateDeploymentStatusUpdate,
  validateDeploymentUpdate,
} from "./deploymentValidation.ts";
import { templateWarnings, workloadColumns } from "./workload.ts";

export const DeploymentSchema = message(
  "io.k8s.api.apps.v1.Deployment",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, DeploymentSpec).doc("What is wanted."),
    status: struct(3, DeploymentStatus).doc("What is observed."),
  },
  { doc: "Keeps a number of equal Pods running, and replaces them step by step when their template changes." },
);
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
  generation: ["spec", "metadata.annotations"],
  defaults,
  validate: validateDeployment,
  validateUpdate: validateDeploymentUpdate,
  validateStatusUpdate: validateDeploymentStatusUpdate,
  warnings: templateWarnings,
  columns: [
    nameColumn(),
    {
      name: "Ready",
      type: "string",
      description: "Ready Pods of those wanted.",
      value: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    {
      name: "Up-to-date",
      type: "string",
      description: "Pods made from the current template.",
      value: ({ status }) => status.updatedReplicas ?? 0,
    },
    {
      name: "Available",
      type: "string",
      description: "Pods that have been ready for long enough.",
      value: ({ status }) => status.availableReplicas ?? 0,
    },
    ...workloadColumns<Deployment>(),
  ],
});

function defaults({ spec }: Deployment): void {
  spec.replicas ??= 1;
  spec.strategy.type ||= "RollingUpdate";
  if (spec.strategy.type === "RollingUpdate") {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= "25%";
    spec.strategy.rollingUpdate.maxSurge ??= "25%";
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  podTemplateDefaults(spec.template);
}
