import { deepEqual } from "../../../apimachinery/equal.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { formatLabels } from "./columns/shared.ts";
import { templateColumns } from "./columns/template.ts";
import { podTemplateDefaults } from "./defaults/pod.ts";
import { ReplicationControllerSpec, ReplicationControllerStatus } from "./replicationControllerMessages.ts";
import {
  validateReplicationController,
  validateReplicationControllerStatusUpdate,
} from "./validation/replicationController.ts";
import { podSpecWarnings } from "./warnings/pod.ts";

export const ReplicationControllerSchema = message(
  "io.k8s.api.core.v1.ReplicationController",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, ReplicationControllerSpec).doc("What is wanted."),
    status: struct(3, ReplicationControllerStatus).doc("What is observed."),
  },
  { doc: "Keeps a number of equal Pods running. ReplicaSet does the same with richer selectors." },
);
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
  defaults,
  validate: validateReplicationController,
  validateStatusUpdate: validateReplicationControllerStatusUpdate,
  warnings,
  selectableFields: { "status.replicas": ({ status }) => String(status.replicas) },
  columns: [
    nameColumn(),
    {
      name: "Desired",
      type: "integer",
      description: "Pods that are wanted.",
      value: ({ spec }) => spec.replicas ?? 0,
    },
    {
      name: "Current",
      type: "integer",
      description: "Pods that are not terminating.",
      value: ({ status }) => status.replicas,
    },
    {
      name: "Ready",
      type: "integer",
      description: "Pods that are ready.",
      value: ({ status }) => status.readyReplicas ?? 0,
    },
    ageColumn(),
    ...templateColumns<ReplicationController>(({ spec }) => spec.template, 1),
    {
      name: "Selector",
      type: "string",
      priority: 1,
      description: "Which Pods belong to the object.",
      value: ({ spec }) => formatLabels(spec.selector),
    },
  ],
});

/** What is said once, in the template's labels, need not be said again. */
function defaults({ metadata, spec }: ReplicationController): void {
  const labels = spec.template?.metadata.labels;
  if (labels !== undefined) {
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  }
  spec.replicas ??= 1;
  if (spec.template) podTemplateDefaults(spec.template);
}

function warnings({ spec }: ReplicationController, old?: ReplicationController): string[] {
  if (!spec.template || (old && deepEqual(spec.template, old.spec.template))) return [];
  return podSpecWarnings(spec.template.spec).map((warning) => warning.replace(/^spec\./, "spec.template.spec."));
}
